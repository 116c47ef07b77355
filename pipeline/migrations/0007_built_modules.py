from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pipeline', '0006_frozen_parts'),
    ]

    operations = [
        migrations.CreateModel(
            name='BuiltModule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('course', models.UUIDField()),
                ('name', models.CharField(max_length=64)),
                ('shard', models.CharField(max_length=64)),
                ('outline', models.JSONField()),
                ('lessons', models.JSONField(blank=True, default=list)),
                ('keys', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('name', 'course'), name='built_module_once_per_course')],
            },
        ),
        migrations.AddField('release', 'built', models.JSONField(blank=True, null=True)),
        migrations.AddField('answerkey', 'course', models.UUIDField(null=True)),
        migrations.AddField('answerkey', 'digest', models.CharField(max_length=64, default='')),
    ]
