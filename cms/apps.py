from importlib import import_module

from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Late, because models must be loaded; first, because the explorer's policy is looked up by the first view.
        from cms import atomic_actions, explorer

        explorer.register()
        atomic_actions.apply()
        import_module("cms.receivers")  # its decorators connect them
