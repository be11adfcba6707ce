"""Answers in the reader's language: the same facts, in Chinese words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    import httpx2

ZH = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}
ASKED = "/v1/timeline?subject=weride-uber-abu-dhabi&type=partnership.formed"


def test_headlines_are_told_in_the_language_that_is_liked_best(examples: httpx2.Client) -> None:
    """Only words differ; caches are told so, and an answer kept for one is not given to another."""
    english = examples.get(ASKED)
    chinese = examples.get(ASKED, headers=ZH)
    assert english.headers["content-language"] == "en"
    assert chinese.headers["content-language"] == "zh"
    assert chinese.headers["vary"] == "Accept-Language"
    assert english.headers["etag"] != chinese.headers["etag"]
    assert examples.get(ASKED).json()["items"] == english.json()["items"]
    [told], [same] = chinese.json()["items"], english.json()["items"]
    assert "达成合作" in told["headline"]
    assert "work together" in same["headline"]
    del told["headline"], same["headline"], told["title"], same["title"]
    assert told == same


def test_a_language_that_is_not_there_is_answered_in_english(examples: httpx2.Client) -> None:
    """As are a header that makes no sense, and one that likes English better."""
    for header in ("fr", "zh;q=0", "zh;q=x", "en,zh", "zh;q=0.4,en;q=0.6", ";;,"):
        answer = examples.get("/v1/meta", headers={"Accept-Language": header})
        assert answer.json()["language"] == "en", header


def test_titles_states_and_problems_are_told_in_chinese(examples: httpx2.Client) -> None:
    """What a permit is called, why something is refused, and what a form asks."""
    permit = examples.get("/v1/permits/baidu-hong-kong-pilot-licence", headers=ZH).json()
    assert "许可" in permit["title"]
    problem = examples.get("/v1/partnerships/no-such-thing", headers=ZH)
    assert problem.json()["title"] == "没有这个对象"
    assert problem.json()["detail"] == "没有对象“no-such-thing”。"
    assert problem.headers["content-language"] == "zh"
    meta = examples.get("/v1/meta", headers=ZH)
    kinds = {kind["name"]: kind for kind in meta.json()["kinds"]}
    assert kinds["partnership"]["label"] == "合作"
    tag = {"If-None-Match": meta.headers["etag"]}
    assert examples.get("/v1/meta", headers={**ZH, **tag}).status_code == 304
    assert examples.get("/v1/meta", headers=tag).status_code == 200


def test_the_stream_is_told_in_chinese(examples: httpx2.Client) -> None:
    """A line that came long ago is told again, behind the position before it."""
    [entry] = examples.get(ASKED).json()["items"]
    before = {"after": entry["position"] - 1}
    with examples.stream("GET", "/v1/stream", params=before, headers=ZH) as answer:
        lines = (line for line in answer.iter_lines() if line.startswith("data: "))
        told = orjson.loads(next(lines).removeprefix("data: "))
    assert (told["position"], "达成合作" in told["headline"]) == (entry["position"], True)
