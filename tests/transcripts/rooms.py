"""The examples of `rooms`, in their order: two people in a room whose key they gave to the assistant, encrypted by Node's WebCrypto."""

import json
import pathlib
import subprocess
import tempfile

from shapes import array, boolean, integer, number, one_of, or_null, some_object, text, time, uuid

ROLE, SUMMARY_TYPE = one_of("owner|moderator|member"), one_of("automatic|manual")
TOKENS = {"access_token": text, "refresh_token": text, "expires_in": 1800}
USER = {"id": uuid, "username": text, "display_name": text, "avatar_url": or_null(text)}
ENVELOPE = {"encrypted_data": text, "iv": text, "key_version": integer}
REACTION = {"user_id": uuid, "username": text, "emoji": text, "created_at": time}
MESSAGE = {
    "id": text, "chatroom_id": uuid, "user_id": uuid, "username": text, "display_name": text, "avatar_url": or_null(text),
    "content": ENVELOPE, "message_type": one_of("text|image|file|system"), "reply_to": or_null(text), "attachments": array,
    "reactions": array, "edited_at": or_null(time), "created_at": time,
}
SETTINGS = {
    "id": uuid, "name": text, "description": or_null(text), "owner_id": uuid, "is_private": boolean, "max_members": integer,
    "encryption_enabled": boolean, "auto_summary_enabled": boolean, "summary_threshold": integer, "created_at": time,
}
MEMBER = {
    "user_id": uuid, "username": text, "display_name": text, "avatar_url": or_null(text), "role": ROLE, "joined_at": time,
    "last_read_at": time, "is_online": boolean,
}
FILE = {
    "id": text, "filename": text, "file_type": text, "file_size": integer, "encrypted_url": text, "thumbnail_url": or_null(text),
    "upload_date": time,
}
SUMMARY = {
    "id": text, "chatroom_id": uuid, "summary_text": text, "summary_type": SUMMARY_TYPE, "message_count": integer,
    "start_date": time, "end_date": time, "participants": [uuid], "keywords": array, "sentiment_score": number, "language": text,
    "created_at": time,
}
# A picture of one dot.
GIF = bytes.fromhex("47494638396101000100800000ff0000ffffff2c00000000010001000002024401003b")


def transcript(console):
    # Two people who keep to the 60 requests a minute between them.
    dora, cleo = come_in(console, "dora"), come_in(console, "cleo")
    console.token = cleo["access_token"]
    accounts(console, cleo)
    room = furnish(console)
    let_in(console, room, dora)
    keys = give_keys(console, room)
    console.token = cleo["access_token"]
    talk(console, room, keys, dora)
    console.token = cleo["access_token"]
    found(console, room)
    ask(console, room, keys)
    files(console, room)
    ends(console, room, dora, cleo)


def well(data):
    return {"success": True, "data": data}


def refused(code):
    return {"success": False, "error": {"code": code, "message": text, "details": some_object}}


def done():
    return {"success": True}


def come_in(console, name):
    console.token = None
    account = {"username": name, "email": f"{name}@example.com", "password": "correct horse", "display_name": name.title()}
    user = USER | {"email": text, "is_verified": False, "created_at": time}
    made = console.curl("POST", "/auth/register", account, status=201, answer=well({"user": user} | TOKENS))
    return made["data"]


def accounts(console, cleo):
    login = {"username": "cleo@example.com", "password": "correct horse"}
    console.curl("POST", "/auth/login", login, status=200, answer=well({"user": USER | {"last_login": time}} | TOKENS))
    wrong = login | {"password": "wrong horse"}
    console.curl("POST", "/auth/login", wrong, status=401, answer=refused("AUTH_INVALID_CREDENTIALS"))
    again = console.curl(
        "POST", "/auth/refresh", {"refresh_token": cleo["refresh_token"]}, status=200,
        answer=well({"access_token": text, "expires_in": 1800}),
    )
    cleo.update(again["data"])
    console.token = cleo["access_token"]
    me = USER | {"email": text, "public_key": or_null(text), "is_verified": boolean, "created_at": time, "last_login": time}
    console.curl("GET", "/users/me", status=200, answer=well(me))


def furnish(console):
    new = {
        "name": "Choir", "description": "Thursdays", "is_private": False, "max_members": 10, "auto_summary_enabled": True,
        "summary_threshold": 50,
    }
    made = console.curl("POST", "/chatrooms", new, status=201, answer=well({"chatroom": SETTINGS | {"encryption_enabled": True}}))
    room = f"/chatrooms/{made['data']['chatroom']['id']}"
    console.curl("PUT", room, {"description": "Fridays"}, status=200, answer=done())
    row = {
        "id": uuid, "name": "Choir", "description": "Fridays", "is_private": False, "member_count": 1, "last_message": None,
        "unread_count": 0, "role": "owner", "joined_at": time,
    }
    pagination = {"page": 1, "limit": 20, "total": 1, "pages": 1}
    console.curl("GET", "/chatrooms?search=cho", status=200, answer=well({"chatrooms": [row], "pagination": pagination}))
    return room


def let_in(console, room, dora):
    invitation = {
        "id": uuid, "invite_code": text, "invite_url": text, "max_uses": 1, "current_uses": 0, "expires_at": time,
        "created_at": time,
    }
    asked = {"max_uses": 1, "expires_in_hours": 24}
    made = console.curl("POST", f"{room}/invite", asked, status=201, answer=well({"invitation": invitation}))
    console.curl("GET", room, token=False, status=401, answer=refused("AUTH_TOKEN_INVALID"))
    owner, console.token = console.token, dora["access_token"]
    console.curl("GET", room, status=403, answer=refused("CHATROOM_ACCESS_DENIED"))
    joined = {"id": uuid, "name": "Choir", "description": "Fridays", "member_count": 2, "role": "member"}
    code = made["data"]["invitation"]["invite_code"]
    console.curl("POST", f"/chatrooms/join/{code}", status=200, answer=well({"chatroom": joined}))
    console.curl("PUT", room, {"name": "Mine"}, status=403, answer=refused("RESOURCE_ACCESS_DENIED"))
    console.token = owner
    details = {"chatroom": SETTINGS | {"member_count": 2, "updated_at": time}, "members": [MEMBER], "user_role": "owner"}
    console.curl("GET", room, status=200, answer=well(details))


def give_keys(console, room):
    keys = webcrypto("keys")
    console.curl("PUT", "/users/me", {"display_name": "Cleo", "public_key": keys["public_key"]}, status=200, answer=done())
    member = {"user_id": uuid, "username": text, "public_key": or_null(text), "is_assistant": boolean}
    people = console.curl("GET", f"{room}/keys", status=200, answer=well({"current_version": 0, "members": [member], "keys": array}))
    wrapped = [
        {"user_id": each["user_id"]} | webcrypto("wrap", public_key=each["public_key"], room_key=keys["room_key"])
        for each in people["data"]["members"]
        if each["public_key"]
    ]
    console.curl("PUT", f"{room}/keys/1", {"keys": wrapped}, status=200, answer=done())
    return keys


def talk(console, room, keys, dora):
    where = {"chatroom_id": room.rsplit("/", 1)[1]}
    console.refused("/ws", 1008)
    link = console.open("/ws")
    owner, console.token = console.token, dora["access_token"]
    other = console.open("/ws")
    user = {"user_id": uuid, "username": "dora"}
    heard(console, link, "user_online", user)
    for each in (link, other):
        say(console, each, "join_chatroom", where)
        heard(console, each, "joined_chatroom", where)
    say(console, other, "typing_start", where)
    heard(console, link, "typing_indicator", where | user | {"is_typing": True})
    say(console, other, "typing_stop", where)
    heard(console, link, "typing_indicator", where | user | {"is_typing": False})
    content = {**webcrypto("seal", room_key=keys["room_key"], text="Let us book the hall for Friday."), "key_version": 1}
    new = where | {"content": content, "message_type": "text", "reply_to": None, "client_id": "m-1"}
    say(console, other, "send_message", new)
    message = MESSAGE | where | {"content": content, "message_type": "text", "username": "dora"}
    told = [heard(console, each, "message_received", {"message": message})["message"] for each in (link, other)]
    say(console, link, "message_read", where | {"message_id": told[0]["id"]})
    heard(console, other, "message_read_by", where | {"message_id": told[0]["id"]})
    say(console, link, "send_message", new | {"content": content})
    heard(console, link, "error", {"code": "MESSAGE_ENCRYPTION_FAILED", "message": text, "details": some_object})
    console.token = owner
    console.curl("PUT", f"{room}/messages/{told[0]['id']}/reactions/%F0%9F%91%8D", status=200, answer=done())
    pagination = {"page": 1, "limit": 50, "total": 1, "has_more": False}
    page = {"messages": [message | {"reactions": [REACTION]}], "pagination": pagination}
    console.curl("GET", f"{room}/messages?limit=50", status=200, answer=well(page))
    say(console, other, "leave_chatroom", where)
    other.close()
    heard(console, link, "user_offline", user)
    link.close()


def found(console, room):
    result = {
        "message": MESSAGE, "relevance_score": number, "matched_terms": [text],
        "context": {"before": text, "match": text, "after": text},
    }
    answer = {"results": [result], "total_results": 1, "search_time_ms": integer}
    console.curl("POST", f"{room}/search", {"query": "hall", "limit": 20}, status=200, answer=well(answer))
    console.curl("POST", f"{room}/summary", {}, status=201, answer=well({"summary": SUMMARY | {"summary_type": "manual"}}))
    console.curl("GET", f"{room}/summary?summary_type=manual", status=200, answer=well({"summary": SUMMARY}))


def ask(console, room, keys):
    where = {"chatroom_id": room.rsplit("/", 1)[1]}
    link = console.open("/ws")
    say(console, link, "join_chatroom", where)
    heard(console, link, "joined_chatroom", where)
    request = webcrypto("seal", room_key=keys["room_key"], text="@errand remind us to book the hall by Friday")
    say(console, link, "send_message", where | {"content": request | {"key_version": 1}, "message_type": "text", "client_id": "m-2"})
    asked = heard(console, link, "message_received", {"message": MESSAGE | {"username": "cleo"}})["message"]
    reply = MESSAGE | {"username": "errand", "reply_to": asked["id"]}
    answer = heard(console, link, "message_received", {"message": reply})["message"]
    said = webcrypto("open", room_key=keys["room_key"], **answer["content"])["text"]
    console.note(f"# {said}")
    console.judge("the answer", [] if "book the hall" in said.lower() else [f"it says: {said}"])
    link.close()


def files(console, room):
    with tempfile.TemporaryDirectory(prefix="errand-transcript-") as folder:
        picture = pathlib.Path(folder) / "dot.gif"
        picture.write_bytes(GIF)
        form = [f"file=@{picture};type=application/octet-stream", f"chatroom_id={room.rsplit('/', 1)[1]}"]
        console.curl("POST", "/upload/file", form=form, status=201, answer=well({"file": FILE | {"file_size": len(GIF)}}))
        console.curl("POST", "/users/me/avatar", form=[f"file=@{picture}"], status=200, answer=done())
        picture.write_bytes(b"<html>")
        console.curl("POST", "/users/me/avatar", form=[f"file=@{picture}"], status=415, answer=refused("FILE_TYPE_NOT_ALLOWED"))


def ends(console, room, dora, cleo):
    console.token = dora["access_token"]
    console.curl("DELETE", room, status=403, answer=refused("CHATROOM_OWNER_REQUIRED"))
    console.curl("POST", f"{room}/leave", status=200, answer=done())
    console.token = cleo["access_token"]
    console.curl("DELETE", room, status=200, answer=done())
    services = {"database": "healthy", "redis": "not_configured", "mongodb": "not_configured"}
    health = {"status": "healthy", "timestamp": time, "version": text, "services": services}
    console.curl("GET", "/health", status=200, answer=well(health))
    said = {"success": True, "message": "Logged out successfully"}
    console.curl("POST", "/auth/logout", status=200, answer=said)
    console.curl("GET", "/users/me", status=401, answer=refused("AUTH_TOKEN_INVALID"))


def say(console, link, event, data):
    console.send(link, {"event": event, "data": data})


def heard(console, link, event, data):
    return console.hear(link, event, {"event": event, "data": data})["data"]


def webcrypto(what, **given):
    """What a browser does, done by Node."""
    script = pathlib.Path(__file__).with_name("webcrypto.mjs")
    output = subprocess.run(["node", script, what], input=json.dumps(given), capture_output=True, text=True, check=True, timeout=60)
    return json.loads(output.stdout)
