from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Both must stand before anything asks for them: the explorer's policy is looked up by the first view.
        from cms import explorer, receivers

        explorer.register()
        receivers.connect()
