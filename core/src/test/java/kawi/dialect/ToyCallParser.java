package kawi.dialect;

import java.util.List;
import kawi.reply.CallParser;
import kawi.reply.CallPart;
import kawi.reply.JsonCall;
import kawi.reply.JsonObjectScanner;
import kawi.reply.MalformedCall;
import kawi.reply.ParsedCall;
import kawi.reply.ReplyParser;

/** A JSON object and {@code [/TOOL]}. A tag without an object is text, and so is everything after a call's object. */
final class ToyCallParser implements CallParser {

    private final StringBuilder raw = new StringBuilder(ToyDialect.CALL);
    private final JsonObjectScanner object = new JsonObjectScanner();
    private int start = -1;
    private int end = -1;
    private List<CallPart> parts = List.of();
    private int rest;

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
        parts = List.of(new CallPart.Text(raw.substring(0, 1)));
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
            parts = List.of(
                    new CallPart.Understood(new ParsedCall(call.name(), new ParsedCall.Json(call.arguments()), text)));
        } catch (JsonCall.Malformed e) {
            parts = List.of(new CallPart.Refused(new MalformedCall(text, e.reason())));
        }
    }

    @Override
    public void finish() {
        rest = end >= 0 ? end : raw.length();
        if (end >= 0) {
            deliver();
        } else {
            parts = List.of(new CallPart.Refused(new MalformedCall(raw.toString(), "the reply ended inside a call")));
        }
    }

    @Override
    public List<CallPart> parts() {
        return parts;
    }

    @Override
    public String rest() {
        return raw.substring(rest);
    }
}
