"""Editors and admins manage offers, coupons and what is given by hand."""

from django.db import migrations

MODELS = ("offer", "coupon", "grant")
ACTIONS = ("add", "change", "view")


def forwards(apps, schema_editor):
    types, permissions = apps.get_model("contenttypes", "ContentType"), apps.get_model("auth", "Permission")
    for group in apps.get_model("auth", "Group").objects.filter(name__in=("Editor", "Admin")):
        for model in MODELS:
            kind = types.objects.get_or_create(app_label="api", model=model)[0]
            for action in ACTIONS:
                # Django creates permissions only after all migrations: this one is found there again, not made twice.
                found = permissions.objects.get_or_create(
                    content_type=kind, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
                )[0]
                group.permissions.add(found)


class Migration(migrations.Migration):
    dependencies = [("cms", "0002_roles"), ("api", "0003_payments")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
