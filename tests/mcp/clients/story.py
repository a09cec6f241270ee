"""What every client does, for the two Python SDKs: the same job in the same order, checked line by line.

A client gives the calls as coroutines: `tools()`, `call(name, arguments, progress)`, `watch(uri)` (a context that answers a
coroutine which waits for the resource's next change), `questions` (what it was asked so far).
"""

import datetime


class Failed(Exception):
    """A line of the story that did not come true."""


def check(what, holds, saw=""):
    if not holds:
        raise Failed(f"{what}: {saw}")
    print(f"ok      {what}", flush=True)


async def tell(client):
    tools = await client.tools()
    check("the tools are listed", len(tools) == 8 and "create_tasks" in tools, tools)
    told = []
    tasks = [{"title": f"Task {n}"} for n in range(12)]
    made = await client.call("create_tasks", {"tasks": tasks}, told.append)
    ids = [task["id"] for task in made["tasks"]]
    check("twelve tasks are made", len(ids) == 12, made)
    check("with progress that grows to twelve", told == sorted(set(told)) and told[-1:] == [12], told)
    day = (datetime.date.today() + datetime.timedelta(days=3)).isoformat()
    changed = await client.call("update_tasks", {"updates": [{"id": ids[0], "title": "Call Ann", "due": day}]})
    check("one is changed", changed["tasks"][0]["title"] == "Call Ann", changed)
    async with client.watch(f"task://{ids[1]}") as change:
        done = await client.call("complete_tasks", {"ids": ids[1:3]})
        check("two are completed", [task["status"] for task in done["tasks"]] == ["completed"] * 2, done)
        check("and who watches one is told", await change() == f"task://{ids[1]}")
    asked = len(client.questions)
    gone = await client.call("delete_tasks", {"ids": [ids[3]]})
    check("one is deleted", [task["id"] for task in gone["deleted"]] == [ids[3]], gone)
    check("after a question that names it", any("Task 3" in each for each in client.questions[asked:]), client.questions)
    left = await client.call("list_tasks", {"limit": 100})
    listed = {task["id"] for task in left["tasks"]} & set(ids)  # there may be tasks of a story that was told before
    check("what is left is listed", listed == set(ids) - set(ids[1:4]), left)
    back = await client.call("undo", {})
    check("and undo brings it back", back["tasks"][0]["id"] == ids[3], back)
