"""Numbers, sizes, durations and languages in the words that readers see."""

LANGUAGES = {
    "ar": "العربية",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "fa": "فارسی",
    "fi": "Suomi",
    "fr": "Français",
    "he": "עברית",
    "hi": "हिन्दी",
    "hu": "Magyar",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nb": "Norsk bokmål",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "ro": "Română",
    "ru": "Русский",
    "sv": "Svenska",
    "tr": "Türkçe",
    "uk": "Українська",
    "ur": "اردو",
    "vi": "Tiếng Việt",
    "zh": "中文",
}
RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
FILE_KINDS = {
    "application/json": "JSON",
    "application/pdf": "PDF",
    "application/zip": "ZIP archive",
    "text/csv": "CSV",
    "text/markdown": "Markdown",
    "text/plain": "Text",
    "text/x-python": "Python",
}
CODE_LANGUAGES = {
    "bash": "Shell",
    "c": "C",
    "cpp": "C++",
    "css": "CSS",
    "html": "HTML",
    "javascript": "JavaScript",
    "json": "JSON",
    "r": "R",
    "sql": "SQL",
    "text": "Text",
    "toml": "TOML",
    "typescript": "TypeScript",
    "yaml": "YAML",
}
CALLOUTS = {"key_points": "Key points"}
PROVIDERS = {"vimeo": "Vimeo", "youtube": "YouTube"}


def primary(language: str) -> str:
    """The primary subtag of a BCP 47 tag, in lower case: `en` of `en-GB`."""
    return language.replace("_", "-").partition("-")[0].lower()


def language_name(language: str) -> str:
    """A language in its own words; an unknown tag stays a tag."""
    return LANGUAGES.get(primary(language), language)


def right_to_left(language: str) -> bool:
    return primary(language) in RIGHT_TO_LEFT


def counted(number: float, noun: str) -> str:
    shown = f"{number:g}"
    return f"{shown} {noun}" if shown == "1" else f"{shown} {noun}s"


def minutes(number: int) -> str:
    """`25 min`, `1 h 30 min`, `2 h`."""
    whole, rest = divmod(number, 60)
    return " ".join(
        part for part in (f"{whole} h" if whole else "", f"{rest} min" if rest or not whole else "") if part
    )


def hours(number: float) -> str:
    return counted(round(number, 1), "hour")


def runtime(seconds: float) -> str:
    """A duration as players show it: `4:05`, `1:02:09`."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}"


def file_size(size: int) -> str:
    """Decimal units, as operating systems show downloads: `740 bytes`, `12 kB`, `3.4 MB`."""
    if size < 1000:
        return counted(size, "byte")
    for unit, scale in (("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000)):
        amount = size / scale
        # Judged as it will be shown: 999,999 bytes are 1.0 MB, not 1000 kB.
        if round(amount) < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if amount >= 10 else f"{amount:.1f} {unit}"
    raise AssertionError("unreachable: the last unit takes every size")


def file_kind(name: str, media_type: str = "") -> str:
    """What a file is, for people: `PDF`, `CSV`, or its ending in capitals."""
    ending = name.rpartition(".")[2] if "." in name else ""
    return FILE_KINDS.get(media_type) or ending.upper() or "File"


def code_language(language: str) -> str:
    return CODE_LANGUAGES.get(language, language.capitalize())


def callout_name(variant: str) -> str:
    return CALLOUTS.get(variant, variant.capitalize())


def provider_name(provider: str) -> str:
    return PROVIDERS.get(provider, provider.capitalize())
