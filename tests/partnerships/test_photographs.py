"""A photograph that staff send is kept upright, small, and without what the camera wrote into it."""

import io

import pytest
from PIL import Image

from eventhub import files, photographs
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.errors import InvalidError
from eventhub.partnerships import named, parts, stories
from eventhub.partnerships.states import Basis, Visibility
from tests.factories.partnerships import a_partnership, confirm
from tests.factories.photographs import a_picture

PAGE = 45_000  # bytes of a story's page with its style and the house's, packed: what test_look measures in a browser


def opened(content):
    return Image.open(io.BytesIO(content))


@pytest.mark.once
def test_only_the_pixels_stay_upright_and_not_too_large():
    sent = a_picture(1840, 1380, noisy=True, turned=True)
    assert b"Exif" in sent and opened(sent).getexif().get_ifd(0x8825) and b"PhoneMaker" in sent
    kept = photographs.read(sent)
    large, small = opened(kept.content), opened(kept.small)
    assert (kept.media_type, large.size) == ("image/jpeg", (1200, 1600))  # it stands up now
    assert (small.format, small.size[0] * 4 // 3) == ("WEBP", small.size[1]) and max(small.size) <= photographs.SMALL
    assert len(kept.small) <= photographs.SMALL_BYTES and PAGE + len(kept.small) < 100_000
    for content in (kept.content, kept.small):
        assert not any(word in content for word in (b"Exif", b"PhoneMaker", b"ICC_PROFILE", b"XMP"))
        assert not opened(content).getexif()


@pytest.mark.once
def test_drawings_clear_pictures_other_colours_and_one_pixel():
    assert photographs.read(a_picture(900, 600, "PNG")).media_type == "image/png"  # flat: lighter than a JPEG
    clear = opened(photographs.read(a_picture(20, 20, "PNG", mode="RGBA")).content)
    assert clear.mode == "RGB" and clear.getpixel((3, 3)) == (255, 255, 255)
    for kind, mode in (("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "1"), ("PNG", "P"), ("PNG", "LA"), ("PNG", "I;16")):
        assert opened(photographs.read(a_picture(30, 20, kind, mode=mode)).content).size == (30, 20), mode
    assert opened(photographs.read(a_picture(1, 1)).small).size == (1, 1)


@pytest.mark.once
@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff" + b"x" * 999,
        a_picture(kind="PNG")[:-30],
        a_picture(300, 300, noisy=True)[:4000],
        a_picture(9000, 9000, "PNG", mode="1"),
    ],
    ids=["head", "jpeg head", "junk", "cut png", "cut jpeg", "too many pixels"],
)
def test_what_is_no_picture_is_refused_with_a_sentence(content):
    with pytest.raises(InvalidError, match="picture"):
        photographs.read(content)


def test_a_story_shows_the_light_one_and_leads_to_the_whole(app, client):
    partnership = confirm(a_partnership())
    file_id = parts.attach("../group photo.PNG", a_picture(2000, 1000, noisy=True))
    photo = parts.add(
        partnership, "evidence", kind="file", file_id=file_id, title="Group", consent_ok=True,
        visibility=Visibility.PUBLIC, by=SYSTEM,
    )  # fmt: skip
    story = stories.assemble(partnership, by=SYSTEM)
    stories.change(
        story, title="A visit", lead="", photo=photo, photo_words="A group", version=story.version, by=SYSTEM
    )
    for person in named.find([story]).people[story.id]:
        stories.give_basis(story, person, basis=Basis.CONSENT, words="By letter", by=SYSTEM)
    stories.publish(story, by=SYSTEM)
    db.session.commit()
    page = client.get(f"/stories/{story.slug}").text
    light = client.get(f"/stories/{story.slug}/photograph")
    whole = client.get(f"/stories/{story.slug}/photograph?whole=1")
    assert 'loading="lazy"' in page and f'href="/stories/{story.slug}/photograph?whole=1"' in page
    assert (light.mimetype, whole.mimetype) == ("image/webp", "image/jpeg")
    assert len(light.data) <= photographs.SMALL_BYTES and opened(whole.data).size == (1600, 800)
    assert files.get(file_id).name == "group photo.jpg"
    for answer in (light, whole):
        assert answer.headers["Cache-Control"] == "no-store" and b"PhoneMaker" not in answer.data
    photo.consent_ok = False
    db.session.commit()
    assert client.get(f"/stories/{story.slug}/photograph?whole=1").status_code == 404
    before_photographs_were_made_smaller = files.get(file_id)
    before_photographs_were_made_smaller.small = None
    photo.consent_ok = True
    db.session.commit()
    assert client.get(f"/stories/{story.slug}/photograph").mimetype == "image/jpeg"
