"""The examples of `assistant`, in their order."""

from shapes import array, boolean, integer, one_of, or_null, text, time

CONVERSATION = {"id": integer, "title": text, "created_at": time, "updated_at": time, "is_active": boolean}
MESSAGE = {
    "id": integer, "role": one_of("user|assistant|system"), "content": text, "timestamp": time,
    "message_type": one_of("text|command|response|error"),
}
NO_CONVERSATION = {"error": "Conversation not found", "code": "CONVERSATION_NOT_FOUND"}


def transcript(console):
    console.curl("GET", "/conversations", status=401, answer={"error": text, "code": "UNAUTHORIZED"})
    console.log_in("ben")
    answered = {"conversation_id": integer, "response": text, "timestamp": time}
    said = {"message": "remind me to call the dentist tomorrow at 9", "user_timezone": "America/New_York"}
    chat = console.curl("POST", "/chat", said, status=200, answer=answered | {"tool_calls": array})
    number = chat["conversation_id"]
    again = {"message": "what is on my list?", "conversation_id": number, "user_timezone": "UTC"}
    console.curl("POST", "/chat", again, status=200, answer=answered | {"conversation_id": number})
    console.curl("POST", "/chat", {}, status=400, answer={"error": text, "code": "VALIDATION_ERROR"})
    listed = {"conversations": [CONVERSATION | {"id": number, "message_count": integer}]}
    console.curl("GET", "/conversations", status=200, answer=listed)
    path = f"/conversations/{number}"
    shown = {"conversation": CONVERSATION | {"id": number}, "messages": [MESSAGE]}
    console.curl("GET", path, status=200, answer=shown)
    console.curl("DELETE", path, status=200, answer={"success": True, "message": text})
    console.curl("DELETE", path, status=404, answer=NO_CONVERSATION)
    task = {"title": "Call the dentist", "description": "About the tooth", "due_date": "2030-01-02T09:00:00Z", "priority": "high"}
    made = task | {
        "id": integer, "user_id": text, "completed": False, "created_at": time, "updated_at": time, "due_date": time,
    }
    console.curl("POST", "/tasks", task, status=201, answer=made)
    least = made | {"title": "Least", "description": text, "due_date": or_null(time), "priority": one_of("low|medium|high")}
    console.curl("POST", "/tasks", {"title": "Least"}, status=201, answer=least)
