"""Offers and coupons in the admin: what is sold, for how much, to whom for less. Nothing is deleted: sale ends."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from api.payments.drafts import OfferDraft, faults, read_off, read_prices
from api.payments.models import Coupon, CouponCourse, Offer, OfferCourse, OfferPrice
from api.payments.money import Money, NotMoney
from api.payments.offering import in_words, named_in, on_offer, priced
from api.payments.pricing import percent
from api.payments.rules import is_free
from cms import prices
from content.models import Course
from pipeline.released import released_courses


class Kept(ModelPermissionPolicy):
    """Orders refer to what was sold: nobody deletes it, an admin neither."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action != "delete" and bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


def register() -> None:
    for model in (Offer, Coupon):
        register_permission_policy(model, Kept(model))


def _titles() -> list[tuple[str, str]]:
    return [(str(uuid), title) for uuid, title in Course.objects.order_by("title").values_list("uuid", "title")]


class SaleForm(WagtailAdminModelForm):
    """What offers and coupons share: the courses they name, and whether they can be had."""

    course_list = forms.MultipleChoiceField(
        label="Courses", required=False, choices=_titles, widget=forms.CheckboxSelectMultiple
    )
    on_sale = forms.BooleanField(
        label="Can be had",
        required=False,
        initial=True,
        help_text="Without this nobody can get it any more, and whoever has it keeps it. It can be set again.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["course_list"] = [str(named.course) for named in self.instance.courses.all()]
            self.initial["on_sale"] = self.instance.archived_at is None

    def named(self) -> list[UUID]:
        return [UUID(one) for one in self.cleaned_data.get("course_list", [])]

    def archive(self) -> None:
        if self.cleaned_data["on_sale"]:
            self.instance.archived_at = None
        elif self.instance.archived_at is None:
            self.instance.archived_at = timezone.now()


class OfferForm(SaleForm):
    price_lines = forms.CharField(
        label="Prices",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line, such as 49.00 EUR; at most one in each currency.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["price_lines"] = "\n".join(priced(price) for price in self.instance.prices.all())

    def clean_price_lines(self) -> list[Money]:
        try:
            return read_prices(self.cleaned_data["price_lines"], settings.LECTERN_CURRENCIES)
        except NotMoney as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        if self.errors:
            return data
        draft = OfferDraft(
            kind=data["kind"],
            interval=data["interval"],
            everything=data["everything"],
            courses=self.named(),
            prices=data["price_lines"],
            trial_days=data["trial_days"],
        )
        names = {"courses": "course_list", "prices": "price_lines"}
        for field, sentence in faults(draft).items():
            self.add_error(names.get(field, field), sentence)
        if not self.errors and data["kind"] != Offer.Kind.FREE and (titles := self._free_without_it()):
            told = ", ".join(f"“{title}”" for title in titles)
            self.add_error(
                None,
                f"Without this offer {told} would be free for everybody, as the price label there says: publish "
                "another label first, or offer it another way.",
            )
        return data

    def _free_without_it(self) -> list[str]:
        """Titles of courses that no offer would name any longer, and whose label says that they are free.

        Asked before the form's values come to the offer.
        """
        offer = self.instance
        if offer._state.adding or offer.archived_at or offer.kind == Offer.Kind.FREE:
            return []
        left = {UUID(one) for one in self.initial["course_list"]}
        left -= set(self.named()) if self.cleaned_data["on_sale"] else set()
        offers, released = on_offer(left), released_courses(left)
        return sorted(
            live.outline.title
            for course, live in released.items()
            if is_free(live.price_label)
            and not [other for other in named_in(course, offers.get(course, [])) if other.pk != offer.pk]
        )

    def save(self, commit: bool = True) -> Offer:
        self.archive()
        offer: Offer = super().save(commit)
        before = set(offer.courses.values_list("course", flat=True))
        offer.courses.exclude(course__in=self.named()).delete()
        for course in self.named():
            OfferCourse.objects.get_or_create(offer=offer, course=course)
        asked = self.cleaned_data["price_lines"]
        offer.prices.exclude(currency__in=[price.currency for price in asked]).delete()
        for price in asked:
            OfferPrice.objects.update_or_create(offer=offer, currency=price.currency, defaults={"minor": price.minor})
        prices.tell(before | set(self.named()), self.for_user)
        return offer


class CouponForm(SaleForm):
    off = forms.CharField(label="Takes off", help_text="A part such as 20 %, or an amount such as 5.00 EUR.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["off"] = off_in_words(self.instance)

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).strip().upper()
        if not code.replace("-", "").isalnum() or not code.isascii():
            raise ValidationError("A code has letters, digits and hyphens, such as SPRING-26.")
        if Coupon.objects.filter(code=code).exclude(pk=self.instance.pk).exists():
            raise ValidationError(f"There is a coupon {code} already.")
        return code

    def clean_off(self) -> int | Money:
        try:
            return read_off(self.cleaned_data["off"], settings.LECTERN_CURRENCIES)
        except NotMoney as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", "It ends before it begins: put the end after the beginning.")
        if data.get("limit_total") is not None and data["limit_total"] < self.instance.used:
            self.add_error("limit_total", f"It was used {self.instance.used} times already: the limit cannot be lower.")
        return data

    def save(self, commit: bool = True) -> Coupon:
        self.archive()
        off = self.cleaned_data["off"]
        whole = isinstance(off, Money)
        self.instance.parts = None if whole else off
        self.instance.minor, self.instance.currency = (off.minor, off.currency) if whole else (None, "")
        if self.instance._state.adding:
            coupon: Coupon = super().save(commit)
        else:
            # `used` is counted by checkouts meanwhile: what the form saw of it is not written back.
            fields = [field.name for field in Coupon._meta.concrete_fields if field.name not in ("id", "used")]
            self.instance.save(update_fields=fields)
            coupon = self.instance
        coupon.courses.exclude(course__in=self.named()).delete()
        for course in self.named():
            CouponCourse.objects.get_or_create(coupon=coupon, course=course)
        return coupon


def off_in_words(coupon: Coupon) -> str:
    """What a coupon takes off, as it is written."""
    return percent(coupon.parts or 0) if coupon.minor is None else str(Money(coupon.minor, coupon.currency))


def on_sale(row: Offer | Coupon) -> str:
    return "Yes" if row.archived_at is None else "No"


def used(coupon: Coupon) -> str:
    return str(coupon.used) if coupon.limit_total is None else f"{coupon.used} of {coupon.limit_total}"


ON_SALE = Column("on_sale", label="Can be had", accessor=on_sale)


class Offers(SnippetViewSet):
    model = Offer
    icon = "tag"
    menu_label = "Offers"
    menu_name = "offers"
    list_display = ["name", "kind", Column("costs", label="Costs", accessor=in_words), ON_SALE]
    search_fields = ["name"]
    copy_view_enabled = False
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("kind"),
            FieldPanel("course_list"),
            FieldPanel("everything", heading="All courses", help_text="Those to come among them."),
            FieldPanel("price_lines"),
            FieldPanel("interval"),
            FieldPanel("trial_days"),
            FieldPanel("on_sale"),
        ],
        base_form_class=OfferForm,
    )

    def get_queryset(self, _request: Any) -> Any:
        return Offer.objects.prefetch_related("prices", "courses")


class Coupons(SnippetViewSet):
    model = Coupon
    icon = "cut"
    menu_label = "Coupons"
    menu_name = "coupons"
    list_display = [
        "code",
        Column("off", label="Takes off", accessor=off_in_words),
        Column("used", label="Used", accessor=used),
        "ends_at",
        ON_SALE,
    ]
    search_fields = ["code"]
    copy_view_enabled = False
    edit_handler = ObjectList(
        [
            FieldPanel("code"),
            FieldPanel("off"),
            FieldPanel("course_list", help_text="Without any it is for all."),
            FieldPanel("limit_total"),
            FieldPanel("limit_each"),
            FieldPanel("starts_at"),
            FieldPanel("ends_at"),
            FieldPanel("on_sale"),
        ],
        base_form_class=CouponForm,
    )


class Selling(SnippetViewSetGroup):
    items = (Offers, Coupons)
    menu_label = "Selling"
    menu_name = "selling"
    menu_icon = "tag"
    menu_order = 130
