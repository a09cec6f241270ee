"""The examples of `dashboard`, in their order; the socket of the first half is open through the second."""

from shapes import array, boolean, one_of, or_null, some_object, text, time, uuid

SESSION = {"id": uuid, "user_id": uuid, "title": text, "created_at": time, "updated_at": time, "is_active": boolean}
TASK = {
    "id": uuid, "title": text, "description": text, "status": one_of("pending|in_progress|completed"),
    "priority": one_of("low|medium|high|urgent"), "due_date": or_null(time), "created_at": time, "updated_at": time,
    "user_id": uuid,
}
NEW_TASK = {
    "title": "string", "description": "string", "status": "pending", "priority": "urgent", "due_date": "2030-01-02T09:00:00Z",
}
UNAUTHORIZED = {"error": "Unauthorized", "message": "Authentication token is missing or invalid"}
FORBIDDEN = {"error": "Forbidden", "message": "You don't have permission to access this resource"}
NOT_FOUND = {"error": "Not Found", "message": "The requested resource was not found"}


def transcript(console):
    console.refused("/ws", 1008)
    console.curl("GET", "/chat/sessions", status=401, answer=UNAUTHORIZED)
    console.log_in("eve")
    foreign = console.curl("POST", "/chat/sessions", {"title": "Eve's"}, status=200, answer=SESSION)["id"]
    console.log_in("finn")
    link = console.open("/ws")
    console.send(link, {"type": "sync_request", "data": {}})
    told(console, link, "sync_response", {"tasks": array, "timestamp": time})
    session = sessions(console)
    console.send(link, {"type": "message", "data": {"content": "add milk to my list", "session_id": session}})
    told(console, link, "task_created", {"task": TASK, "userId": uuid, "timestamp": time})
    told(console, link, "turn_completed", {"session_id": session})
    tasks(console, link)
    console.curl("DELETE", f"/chat/sessions/{session}", status=204)
    console.curl("DELETE", f"/chat/sessions/{session}", status=404, answer=NOT_FOUND)
    console.curl("DELETE", f"/chat/sessions/{foreign}", status=403, answer=FORBIDDEN)
    link.close()


def told(console, link, kind, data):
    return console.hear(link, kind, {"type": kind, "data": data, "timestamp": time})


def sessions(console):
    made = console.curl("POST", "/chat/sessions", {"title": "string"}, status=200, answer=SESSION | {"title": "string"})
    console.curl("GET", "/chat/sessions", status=200, answer=[SESSION | {"id": made["id"]}])
    path = f"/chat/sessions/{made['id']}"
    said = {"role": "user", "content": "string", "message_type": "text"}
    message = said | {"id": uuid, "session_id": made["id"], "created_at": time}
    console.curl("POST", f"{path}/messages", said, status=200, answer=message)
    console.curl("GET", f"{path}/messages", status=200, answer=[message])
    console.curl("PATCH", path, {"title": "another"}, status=200, answer=SESSION | {"id": made["id"], "title": "another"})
    console.curl("POST", "/chat/sessions", {}, status=400, answer={"error": text, "details": some_object})
    return made["id"]


def tasks(console, link):
    console.curl("GET", "/tasks/sync", status=200, answer={"tasks": [TASK], "last_sync": time})
    made = TASK | NEW_TASK | {"due_date": time}
    task = console.curl("POST", "/tasks/", NEW_TASK, status=200, answer=made)
    told(console, link, "task_created", {"task": made | {"id": task["id"]}, "userId": uuid, "timestamp": time})
    path, same = f"/tasks/{task['id']}", {"id": task["id"], "user_id": task["user_id"], "created_at": task["created_at"]}
    changed = made | same | {"title": "another", "description": "", "priority": "low", "due_date": None}
    update = {key: changed[key] for key in NEW_TASK}
    console.curl("PUT", path, update, status=200, answer=changed)
    told(console, link, "task_updated", {"task": changed, "userId": uuid, "timestamp": time})
    done = changed | {"status": "completed"}
    console.curl("PUT", path, update | {"status": "completed"}, status=200, answer=done)
    told(console, link, "task_status_changed", {"task": done, "userId": uuid, "timestamp": time})
    console.curl("DELETE", path, status=204)
    told(console, link, "task_deleted", {"taskId": task["id"], "userId": uuid, "timestamp": time})
