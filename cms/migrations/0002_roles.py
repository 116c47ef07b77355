"""The catalogue page, the three roles, and the workflow "Course approval"."""

from django.conf import settings
from django.db import migrations

ROLES = ("Instructor", "Editor", "Admin")
# On the catalogue, and so on every page below it. An instructor's `add` is narrowed to own courses by
# content/ownership.py.
ON_PAGES = {
    "Instructor": ("add",),
    "Editor": ("add", "change", "publish", "lock", "unlock", "bulk_delete"),
    "Admin": ("add", "change", "publish", "lock", "unlock", "bulk_delete"),
}
# On the collection of originals. `add` includes changing what one uploaded oneself.
ON_ORIGINALS = {
    "Instructor": ("add", "choose"),
    "Editor": ("add", "choose", "change"),
    "Admin": ("add", "choose", "change"),
}
ORIGINALS = (("wagtailimages", "image"), ("wagtaildocs", "document"), ("wagtailmedia", "media"))
ON_TABLES = {
    "Instructor": {("content", "instructorprofile"): ("add",)},
    "Editor": {("content", "instructorprofile"): ("add", "change", "delete")},
    "Admin": {
        ("content", "instructorprofile"): ("add", "change", "delete"),
        ("api", "user"): ("add", "change", "delete"),
        ("auth", "group"): ("add", "change", "delete"),
        ("wagtailcore", "site"): ("add", "change", "delete"),
        ("wagtailcore", "workflow"): ("add", "change", "delete"),
        ("wagtailcore", "task"): ("add", "change", "delete"),
    },
}
NAMES = {"lock": "Lock/unlock pages you've locked", "unlock": "Unlock any page", "bulk_delete": "Delete pages with children"}


def forwards(apps, schema_editor):
    catalogue = _catalogue(apps)
    _drop_default_moderation(apps)
    groups = {role: apps.get_model("auth", "Group").objects.get_or_create(name=role)[0] for role in ROLES}
    _grant(apps, groups, catalogue)
    _workflow(apps, catalogue)


def _type(apps, app, model):
    return apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=model)[0]


def _permission(apps, app, model, action):
    # Django creates permissions only after all migrations: this one is found there again, not made twice.
    name = NAMES.get(action, f"Can {action} {model}")
    return apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=_type(apps, app, model), codename=f"{action}_{model}", defaults={"name": name}
    )[0]


def _catalogue(apps):
    """Put the catalogue in the place of Wagtail's welcome page."""
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    Catalogue = apps.get_model("content", "Catalogue")
    existing = Catalogue.objects.first()
    if existing:
        return existing
    root = Page.objects.get(depth=1)
    last = Page.objects.filter(depth=2).order_by("path").last()
    step = int(last.path[4:], 36) + 1 if last else 1
    catalogue = Catalogue.objects.create(
        title="Courses",
        draft_title="Courses",
        slug="courses",
        content_type=_type(apps, "content", "catalogue"),
        path=root.path + _base36(step).rjust(4, "0"),
        depth=2,
        numchild=0,
        url_path="/courses/",
        live=True,
        locale=apps.get_model("wagtailcore", "Locale").objects.first(),
    )
    site = Site.objects.filter(is_default_site=True).first()
    if site:
        site.root_page_id = catalogue.pk
        site.site_name = site.site_name or settings.WAGTAIL_SITE_NAME
        site.save()
    else:
        Site.objects.create(
            hostname="localhost", root_page_id=catalogue.pk, is_default_site=True, site_name=settings.WAGTAIL_SITE_NAME
        )
    # Only the untouched welcome page goes; a page that somebody wrote stays.
    Page.objects.filter(depth=2, slug="home", numchild=0, content_type=_type(apps, "wagtailcore", "page")).delete()
    root.numchild = Page.objects.filter(depth=2).count()
    root.save()
    return catalogue


def _base36(number):
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest] + digits
    return digits


def _drop_default_moderation(apps):
    """Wagtail's own groups "Editors" and "Moderators" and their workflow would stand beside ours, unused."""
    Group = apps.get_model("auth", "Group")
    Group.objects.filter(name__in=("Editors", "Moderators"), user__isnull=True).delete()
    Workflow = apps.get_model("wagtailcore", "Workflow")
    Workflow.objects.filter(name="Moderators approval", workflow_states__isnull=True).delete()
    apps.get_model("wagtailcore", "Task").objects.filter(
        name="Moderators approval", task_states__isnull=True, workflow_tasks__isnull=True
    ).delete()


def _grant(apps, groups, catalogue):
    Collection = apps.get_model("wagtailcore", "Collection")
    root = Collection.objects.get(depth=1)
    for role, group in groups.items():
        group.permissions.add(_permission(apps, "wagtailadmin", "admin", "access"))
        for action in ON_PAGES[role]:
            apps.get_model("wagtailcore", "GroupPagePermission").objects.get_or_create(
                group=group, page_id=catalogue.pk, permission=_permission(apps, "wagtailcore", "page", action)
            )
        for app, model in ORIGINALS:
            for action in ON_ORIGINALS[role]:
                if action == "choose" and model == "media":
                    continue  # wagtailmedia has no such permission: whoever may add may choose
                apps.get_model("wagtailcore", "GroupCollectionPermission").objects.get_or_create(
                    group=group, collection=root, permission=_permission(apps, app, model, action)
                )
        if role == "Admin":
            for action in ("add", "change", "delete"):
                apps.get_model("wagtailcore", "GroupCollectionPermission").objects.get_or_create(
                    group=group, collection=root, permission=_permission(apps, "wagtailcore", "collection", action)
                )
        for (app, model), actions in ON_TABLES[role].items():
            for action in actions:
                group.permissions.add(_permission(apps, app, model, action))


def _workflow(apps, catalogue):
    Workflow = apps.get_model("wagtailcore", "Workflow")
    CourseApproval = apps.get_model("cms", "CourseApproval")
    workflow, _ = Workflow.objects.get_or_create(name="Course approval")
    task, _ = CourseApproval.objects.get_or_create(
        name="Course approval", defaults={"content_type": _type(apps, "cms", "courseapproval")}
    )
    apps.get_model("wagtailcore", "WorkflowTask").objects.get_or_create(workflow=workflow, task_id=task.pk)
    apps.get_model("wagtailcore", "WorkflowPage").objects.get_or_create(
        page_id=catalogue.pk, defaults={"workflow": workflow}
    )


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("cms", "0001_course_review"),
        ("content", "0001_initial"),
        ("wagtailadmin", "0006_formstate"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailimages", "0027_image_description"),
        ("wagtailmedia", "0005_alter_media_options"),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
