from django.db import migrations

from pipeline.built import Built, head, row_name
from pipeline.digests import digest, sha256
from pipeline.documents import OutlineDocument


def take_apart(apps, _schema_editor):
    """A release had its outline in one piece and answer keys of its own: now both stand in the modules that it names.

    What it was built of is not known any more, so the next build of its course draws everything once.
    """
    release, module, key = (apps.get_model("pipeline", name) for name in ("Release", "BuiltModule", "AnswerKey"))
    known = {}
    for row in release.objects.exclude(outline=None).order_by("pk").iterator(chunk_size=1):
        keys = {}
        for answers in key.objects.filter(release=row).order_by("pk"):
            item, name = str(answers.item), digest(answers.document)
            keys[item] = name
            if (row.course, item, name) in known:
                answers.delete()
            else:
                known[row.course, item, name] = answers.pk
                key.objects.filter(pk=answers.pk).update(course=row.course, digest=name)
        outline, heads, rows = OutlineDocument.model_validate(row.outline), [], {}
        for one in (module for module in outline.modules if module.lessons):
            items = {str(quiz.item) for lesson in one.lessons for quiz in lesson.items}
            own = {item: name for item, name in keys.items() if item in items}
            name = row_name("", one, [], own)
            heads.append(head("", name, "", one))
            rows[name] = module(course=row.course, name=name, shard="", outline=one.model_dump(mode="json"), keys=own)
        module.objects.bulk_create(rows.values(), batch_size=500, ignore_conflicts=True)
        made_of = row.inputs or {}
        built = Built(
            around="",
            look=made_of.get(f"page:{row.course}", {}).get("site", ""),
            renderer=made_of.get(str(row.course), {}).get("renderer", ""),
            outline=sha256(outline.to_bytes()),
            slug=outline.slug,
            title=outline.title,
            documents={},
            pages={},
            files=(),
            renditions={},
            modules=tuple(heads),
        )
        release.objects.filter(pk=row.pk).update(built=built.to_json())


class Migration(migrations.Migration):

    dependencies = [
        ('pipeline', '0007_built_modules'),
    ]

    operations = [
        # No way back: what two releases share was kept twice, and is not any more.
        migrations.RunPython(take_apart),
    ]
