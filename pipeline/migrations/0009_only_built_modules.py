from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pipeline', '0008_what_was_built'),
    ]

    operations = [
        migrations.RemoveConstraint('answerkey', 'answer_key_per_release_and_item'),
        migrations.RemoveField('answerkey', 'release'),
        migrations.AlterField('answerkey', 'course', models.UUIDField()),
        migrations.AlterField('answerkey', 'digest', models.CharField(max_length=64)),
        migrations.AddConstraint(
            'answerkey', models.UniqueConstraint(fields=('course', 'item', 'digest'), name='answer_key_once')
        ),
        migrations.RemoveField('release', 'outline'),
        migrations.RemoveField('release', 'inputs'),
    ]
