"""In which language a reader is answered: by `Accept-Language`, English where none fits."""

from collections.abc import Iterator, Mapping

from fastapi import Request

from projections.languages import LANGUAGES, Language


def chosen(request: Request) -> Language:
    """Give the language that is liked best, of several alike the first."""
    header = request.headers.get("accept-language", "")
    if not header:
        return "en"
    liked = sorted(_liked(header), key=lambda one: -one[0])
    return liked[0][1] if liked else "en"


def _liked(header: str) -> Iterator[tuple[float, Language]]:
    for part in header.split(","):
        tag, _, quality = part.partition(";q=")
        spoken = tag.strip().lower().partition("-")[0]
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        for language in LANGUAGES:
            if weight > 0 and spoken in (language, "*"):
                yield weight, language
                break


def headers(language: Language) -> Mapping[str, str]:
    """Say in which language an answer is, and that it is there in others."""
    return {"Content-Language": language, "Vary": "Accept-Language"}
