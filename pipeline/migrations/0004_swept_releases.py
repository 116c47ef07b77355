"""A release whose content was swept from the store says so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0003_addresses_and_cards")]

    operations = [
        migrations.AlterField(
            model_name="release",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting to be built"),
                    ("live", "Live"),
                    ("past", "Past"),
                    ("skipped", "Never built: a newer one came first"),
                    ("swept", "Past, and no longer on the store"),
                ],
                default="waiting",
                max_length=8,
            ),
        ),
    ]
