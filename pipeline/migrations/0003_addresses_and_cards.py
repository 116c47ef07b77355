from django.db import migrations, models


def known_addresses(apps, _schema_editor):
    """Every path that a page of a built release was at; of a path of several, the live release's counts."""
    release, address = apps.get_model("pipeline", "Release"), apps.get_model("pipeline", "Address")
    found = {}
    built = release.objects.filter(outline__isnull=False)
    for row in [*built.exclude(state="live").order_by("built_at", "pk"), *built.filter(state="live")]:
        folder = f"courses/{row.outline['slug']}/"
        kind = "page" if row.state in ("live", "waiting") else "gone"
        found[f"{folder}index.html"] = (row.course, row.course, kind)
        for module in row.outline["modules"]:
            for lesson in module["lessons"]:
                found[f"{folder}{lesson['slug']}/index.html"] = (row.course, lesson["item"], kind)
    address.objects.bulk_create(
        address(path=path, course=course, item=item, kind=kind) for path, (course, item, kind) in found.items()
    )


def cards(apps, _schema_editor):
    """What the catalogue says of each built release, from its documents."""
    release = apps.get_model("pipeline", "Release")
    same = ("course", "slug", "title", "summary", "level", "language", "hours", "topics", "price_label", "cover")
    for row in release.objects.filter(course_document__isnull=False, outline__isnull=False).iterator():
        course = row.course_document
        card = {name: course.get(name) for name in same}
        card["lessons"] = sum(len(module["lessons"]) for module in row.outline["modules"])
        card["instructors"] = [person["name"] for person in course.get("instructors", [])]
        release.objects.filter(pk=row.pk).update(card=card)


class Migration(migrations.Migration):

    dependencies = [
        ("pipeline", "0002_every_change"),
    ]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="addressed",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="publication",
            name="listed",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="release",
            name="card",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.RunPython(known_addresses, migrations.RunPython.noop),
        migrations.RunPython(cards, migrations.RunPython.noop),
    ]
