"""A scripted server of language models on loopback: Ollama's and OpenAI's wire formats. What it answers is the test's to say."""
import http.server
import json
import re
import threading

from harness import serve_http

# So many bytes are more than any answer may have.
HUGE = 10 * 1024 * 1024


def report_of(prompt):
    """The text that stands in the fence of a prompt, and the candidates before it."""
    found = re.search(r"BEGIN REPORT (\w+)\n(.*)\nEND REPORT \1", prompt, re.S)
    before = prompt[:found.start()]
    candidates = [json.loads(line) for line in before.splitlines() if line.startswith('{"value"')]
    return found[2], candidates


def task_of(schema):
    item = schema["properties"]["items"]["items"]["properties"]
    if "score" in schema["properties"]:
        return "relevance"
    if "sentence" in item:
        return "summary"
    if "kind" in item:
        return "actors_and_malware"
    if "role" in item:
        return "indicator_roles" if "enum" in item["value"] else "detections"
    return "techniques" if all(re.match(r"T\d", v) for v in item["value"]["enum"]) else "targets"


class ModelServer:
    """answer(task, text, candidates, messages) gives the object that the model says; faults, a list, go before it, one a request:
    a status, "slow", "cut", "garbage", "not json", "wrong schema", "refuse", "empty", "huge", "missing", "stream", "redirect"."""

    def __init__(self, case, answer, api="ollama", models=("mistral:latest",), faults=(), before=None, tokens=(100, 20)):
        self.answer, self.api, self.models, self.faults, self.before = answer, api, models, list(faults), before
        self.tokens = tokens  # that each request takes: of the question, of the answer
        self.requests, self.headers, self.paths = [], [], []
        self.log = []  # of each request: its key, and the fault that it was answered with
        self.released = threading.Event()
        model = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                model.paths.append(self.path)
                if self.path == "/api/tags":
                    return self.send(200, json.dumps({"models": [{"name": m, "digest": "d-" + m} for m in model.models]}))
                if self.path == "/v1/models":
                    return self.send(200, json.dumps({"data": [{"id": m} for m in model.models]}))
                self.send(404, "{}")

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                model.paths.append(self.path)
                model.requests.append(body)
                model.headers.append(dict(self.headers))
                if model.before:
                    model.before(body)
                fault = model.faults.pop(0) if model.faults else None
                model.log.append((self.headers["Authorization"], fault))
                model.reply(self, body, fault)

            def send(self, status, text, **headers):
                data = text.encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                try:
                    self.wfile.write(data)
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        self.server = serve_http(case, Handler)
        case.addCleanup(self.released.set)
        self.url = "http://127.0.0.1:%d%s" % (self.server.server_port, "/v1" if api == "openai" else "")

    def reply(self, handler, body, fault):
        if isinstance(fault, int):
            return handler.send(fault, '{"error": "busy"}', Retry_After="0")
        if fault == "slow":
            return self.released.wait(60)
        if fault == "cut":
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            handler.wfile.write(b'{"message"')
            handler.close_connection = True
            return None
        if fault == "garbage":
            return handler.send(200, "<html>it works</html>")
        if fault == "huge":
            return handler.send(200, "x" * HUGE)
        if fault == "missing":
            return handler.send(404, json.dumps({"error": "model '%s' not found" % body["model"]}))
        if fault == "redirect":
            return handler.send(302, "", Location="http://127.0.0.1:%d/elsewhere" % self.server.server_port)
        schema = body["format"] if self.api == "ollama" else body["response_format"]["json_schema"]["schema"]
        if "numbers" in schema["properties"]:  # the doctor, who measures
            return handler.send(200, self.wrap(json.dumps({"numbers": [1, 2, 3]}), fault))
        task = task_of(schema)
        text, candidates = report_of(body["messages"][1]["content"])
        said = {"not json": "Sure! Here it is:", "wrong schema": '{"answer": 42}', "empty": "", "refuse": ""}.get(fault)
        if said is None:
            said = json.dumps(self.answer(task, text, candidates, body["messages"]))
        return handler.send(200, self.wrap(said, fault))

    def wrap(self, said, fault):
        if self.api == "ollama":
            if fault == "stream":
                parts = [{"message": {"content": said[i:i + 7]}, "done": False} for i in range(0, len(said), 7)]
                return "\n".join(map(json.dumps, [*parts, {"message": {"content": ""}, "done": True, "prompt_eval_count": self.tokens[0], "eval_count": self.tokens[1]}])) + "\n"
            return json.dumps({"message": {"role": "assistant", "content": said}, "done": True, "done_reason": "stop",
                               "prompt_eval_count": self.tokens[0], "eval_count": self.tokens[1]})
        if fault == "stream":
            parts = [{"choices": [{"delta": {"content": said[i:i + 7]}}]} for i in range(0, len(said), 7)]
            return "".join("data: %s\n\n" % json.dumps(p) for p in [*parts, {"choices": [{"delta": {}, "finish_reason": "stop"}]}]) + "data: [DONE]\n\n"
        message = {"content": None, "refusal": "I cannot help with that."} if fault == "refuse" else {"content": said}
        return json.dumps({"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"prompt_tokens": self.tokens[0], "completion_tokens": self.tokens[1]}})


def nothing(task, *_):
    return {"score": 0, "items": []} if task == "relevance" else {"items": []}
