"""Whoever was enrolled before anything was sold came in for nothing, and stays welcome."""

from django.db import migrations, models


def welcome(apps, schema_editor):
    apps.get_model("api", "Enrolment").objects.update(free=True)


class Migration(migrations.Migration):
    dependencies = [("api", "0004_append_only")]

    operations = [
        migrations.AddField("enrolment", "free", models.BooleanField(default=False)),
        migrations.RunPython(welcome, migrations.RunPython.noop),
    ]
