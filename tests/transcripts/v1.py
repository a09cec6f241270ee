"""The examples of `v1`, in their order."""

from shapes import integer, text, time

NAME = {"username": "annie", "password": "correct horse battery"}
TASK = {"id": integer, "title": "string", "status": "pending", "created_at": time, "updated_at": time}


def transcript(console):
    wrong = {"username": "string", "password": "string"}
    console.curl("POST", "/auth/login", wrong, status=401, answer={"detail": "Incorrect username or password"})
    account = NAME | {"email": "user@example.com"}
    registered = {"id": integer, "email": "user@example.com", "username": "annie"}
    console.curl("POST", "/auth/register", account, status=200, answer=registered)
    taken = {"detail": "Username or email already registered"}
    console.curl("POST", "/auth/register", account, status=400, answer=taken)
    login = console.curl("POST", "/auth/login", NAME, status=200, answer={"access_token": text, "token_type": "bearer"})
    console.curl("GET", "/tasks", status=401, answer={"detail": text})
    console.token = login["access_token"]
    messages(console)
    tasks(console)
    console.curl("GET", "/health", status=200, answer={"status": "healthy", "timestamp": time})


def messages(console):
    said = {"content": "add string to my list"}
    response = console.curl("POST", "/messages", said, status=200, answer={"response": text})["response"]
    console.curl("POST", "/messages", {}, status=400, answer={"detail": "Invalid message format"})
    user = {"id": integer, "role": "user", "content": said["content"], "timestamp": time}
    assistant = {"id": integer, "role": "assistant", "content": response, "timestamp": time}
    console.curl("GET", "/messages/history", status=200, answer=[user, assistant])
    console.curl("GET", "/messages/history?limit=1&offset=0", status=200, answer=[{"id": integer, "timestamp": time}])


def tasks(console):
    made = console.curl("POST", "/tasks", {"title": "string"}, status=201, answer=TASK)
    console.curl("GET", "/tasks", status=200, answer=[TASK | {"title": text}])
    console.curl("GET", "/tasks?status=pending&limit=1&offset=0", status=200, answer=[TASK])
    path = f"/tasks/{made['id']}"
    console.curl("PUT", path, {"title": "string", "status": "pending"}, status=200, answer=TASK | {"id": made["id"]})
    archived = TASK | {"id": made["id"], "status": "archived"}
    console.curl("PUT", path, {"title": "string", "status": "archived"}, status=200, answer=archived)
    console.curl("DELETE", path, status=204)
    console.curl("DELETE", path, status=404, answer={"detail": "Task not found"})
