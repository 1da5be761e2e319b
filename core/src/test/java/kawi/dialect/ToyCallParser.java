package kawi.dialect;

import kawi.reply.CallParser;
import kawi.reply.JsonCall;
import kawi.reply.JsonObjectScanner;
import kawi.reply.MalformedCall;
import kawi.reply.ParsedCall;
import kawi.reply.ReplyParser;
import kawi.reply.ReplySink;

/** A JSON object and {@code [/TOOL]}. A tag without an object is text, and so is everything after a call's object. */
final class ToyCallParser implements CallParser {

    private final boolean inThought;
    private final ReplySink sink;
    private final StringBuilder raw = new StringBuilder(ToyDialect.CALL);
    private final JsonObjectScanner object = new JsonObjectScanner();
    private int start = -1;
    private int end = -1;
    private boolean isText;
    private int rest;

    ToyCallParser(boolean inThought, ReplySink sink) {
        this.inThought = inThought;
        this.sink = sink;
    }

    @Override
    public Step accept(char c) {
        raw.append(c);
        if (end >= 0) {
            return close();
        }
        if (start >= 0) {
            end = object.accept(c) ? raw.length() : -1;
            return Step.MORE;
        }
        if (c == '{') {
            start = raw.length() - 1;
            object.begin();
            return Step.MORE;
        }
        if (ReplyParser.isSpace(c)) {
            return Step.MORE;
        }
        isText = true;
        rest = 1;
        return Step.ENDED;
    }

    private Step close() {
        String after = raw.substring(end);
        if (after.equals(ToyDialect.CALL_END)) {
            rest = raw.length();
            deliver();
            return Step.ENDED;
        }
        if (ToyDialect.CALL_END.startsWith(after)) {
            return Step.MORE;
        }
        rest = end;
        deliver();
        return Step.ENDED;
    }

    private void deliver() {
        String text = raw.substring(0, rest);
        try {
            JsonCall call = JsonCall.parse(raw.substring(start, end));
            sink.onCall(new ParsedCall(call.name(), new ParsedCall.Json(call.arguments()), text, inThought));
        } catch (JsonCall.Malformed e) {
            sink.onMalformedCall(new MalformedCall(text, e.reason(), inThought));
        }
    }

    @Override
    public void finish() {
        rest = end >= 0 ? end : raw.length();
        if (end >= 0) {
            deliver();
        } else {
            sink.onMalformedCall(new MalformedCall(raw.toString(), "the reply ended inside a call", inThought));
        }
    }

    @Override
    public boolean isText() {
        return isText;
    }

    @Override
    public String rest() {
        return raw.substring(rest);
    }
}
