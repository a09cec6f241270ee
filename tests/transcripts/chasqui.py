"""The examples of `chasqui`, in their order: two people, so that somebody hears."""

from shapes import array, boolean, prefixed, text, time, uuid

CONVERSATION, MESSAGE, USER = prefixed("conv:"), prefixed("msg:"), prefixed("user:")
TASK = {"id": uuid, "title": text, "completed": boolean}


def transcript(console):
    tokens = [come_in(console, name) for name in ("cleo", "dora")]
    link, other = [open_socket(console, token) for token in tokens]
    console.curl("GET", "/conversations", status=200, answer=array)
    asked = {"type": "direct", "participants": ["cleo"]}
    made = console.curl("POST", "/conversations", asked, status=201, answer={"id": CONVERSATION, "type": "direct"})
    where = {"conversation_id": made["id"]}
    for each in (link, other):
        console.send(each, {"type": "join"} | where)
        console.hear(each, "Joined", where)
    console.send(link, {"type": "message", **where, "content": "Hello world!"})
    message = {"id": MESSAGE, "content": "Hello world!", "sender_id": USER, "created_at": time}
    for each in (link, other):
        console.hear(each, "NewMessage", {"type": "NewMessage", "message": message})
    console.send(link, {"type": "join", "conversation_id": "conv:00000000-0000-7000-8000-000000000000"})
    console.hear(link, "Error", {"type": "Error", "message": text})
    for each in (link, other):
        each.close()
    rest(console, made["id"], message)


def come_in(console, name):
    account = {"username": name, "email": f"{name}@example.com", "password": "correct horse battery"}
    console.token = None
    console.curl("POST", "/register", account, status=201, answer={"id": USER, "username": name})
    console.curl("POST", "/register", account | {"username": "no1"}, status=400, answer={"error": text})
    by_email = {key: account[key] for key in ("email", "password")}
    console.curl("POST", "/login", by_email, status=200, answer={"token": text})
    by_name = {key: account[key] for key in ("username", "password")}
    return console.curl("POST", "/login", by_name, status=200, answer={"token": text})["token"]


def open_socket(console, token):
    console.refused("/api/ws/chat", 1008)
    console.token = token
    return console.open("/api/ws/chat")


def rest(console, conversation, message):
    made = console.curl("POST", "/tasks", {"title": "Feed the llama"}, status=201, answer=TASK | {"completed": False})
    console.curl("GET", "/tasks", status=200, answer=[TASK | {"id": made["id"]}])
    done = TASK | {"id": made["id"], "completed": True}
    console.curl("PATCH", f"/tasks/{made['id']}", {"completed": True}, status=200, answer=done)
    console.curl("GET", "/conversations", status=200, answer=[{"id": conversation}])
    group = {"type": "group", "participants": ["cleo"], "name": "Llamas"}
    console.curl("POST", "/conversations", group, status=201, answer={"id": CONVERSATION, "type": "group", "name": "Llamas"})
    console.curl("GET", f"/conversations/{conversation}/messages", status=200, answer=[message])
