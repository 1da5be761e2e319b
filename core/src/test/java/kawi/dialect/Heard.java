package kawi.dialect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import kawi.reply.MalformedCall;
import kawi.reply.OfferedTools;
import kawi.reply.ParsedCall;
import kawi.reply.ReplyMarkup;
import kawi.reply.ReplyParser;
import kawi.reply.ReplySink;

/** What a parser said, with neighbouring pieces of text joined, so that it does not depend on how a reply was cut. */
record Heard(String thought, String text, List<ParsedCall> calls, List<MalformedCall> malformed, List<String> events) {

    /** A tool of which nothing else is known. */
    static final OfferedTools SOME = new OfferedTools(Map.of("any", Set.of()));

    static Heard whole(boolean thinking, boolean tools, String reply) {
        return of(thinking, tools, List.of(reply));
    }

    static Heard letterByLetter(boolean thinking, boolean tools, String reply) {
        return of(thinking, tools, reply.chars().mapToObj(Character::toString).toList());
    }

    static Heard cutAt(int cut, boolean thinking, boolean tools, String reply) {
        return of(thinking, tools, List.of(reply.substring(0, cut), reply.substring(cut)));
    }

    static Heard cutAtRandom(Random random, boolean thinking, boolean tools, String reply) {
        var pieces = new ArrayList<String>();
        for (int i = 0; i < reply.length(); ) {
            int end = Math.min(reply.length(), i + random.nextInt(9));
            pieces.add(reply.substring(i, end));
            i = end;
        }
        return of(thinking, tools, pieces);
    }

    static Heard of(boolean thinking, boolean tools, List<String> pieces) {
        return of(new QwenDialect().markup(), thinking, tools, pieces);
    }

    static Heard of(ReplyMarkup markup, boolean thinking, boolean tools, List<String> pieces) {
        return of(markup, thinking, tools ? SOME : OfferedTools.NONE, pieces);
    }

    static Heard of(OfferedTools tools, boolean thinking, List<String> pieces) {
        return of(new QwenDialect().markup(), thinking, tools, pieces);
    }

    static Heard of(ReplyMarkup markup, boolean thinking, OfferedTools tools, List<String> pieces) {
        var listener = new Listener();
        var parser = new ReplyParser(markup, thinking, tools, listener);
        pieces.forEach(parser::push);
        parser.finish();
        return new Heard(
                listener.thought.toString(),
                listener.text.toString(),
                listener.calls,
                listener.malformed,
                listener.events);
    }

    /** The only call, as {@code name(parameter=value, …)} or {@code name{json}}. */
    String call() {
        if (calls.size() != 1 || !malformed.isEmpty()) {
            throw new AssertionError("expected one call, but heard " + this);
        }
        return show(calls.getFirst());
    }

    static String show(ParsedCall call) {
        return switch (call.arguments()) {
            case ParsedCall.Parameters(var values) -> {
                var shown = new ArrayList<String>();
                values.forEach((name, value) -> shown.add(name + "=" + value));
                yield call.name() + "(" + String.join(", ", shown) + ")";
            }
            case ParsedCall.Json(var object) -> call.name() + object;
        };
    }

    private static final class Listener implements ReplySink {

        private final StringBuilder thought = new StringBuilder();
        private final StringBuilder text = new StringBuilder();
        private final List<ParsedCall> calls = new ArrayList<>();
        private final List<MalformedCall> malformed = new ArrayList<>();
        private final List<String> events = new ArrayList<>();

        @Override
        public void onThought(String piece) {
            thought.append(piece);
            event("thought", piece);
        }

        @Override
        public void onText(String piece) {
            text.append(piece);
            event("text", piece);
        }

        private void event(String kind, String piece) {
            if (piece.isEmpty()) {
                throw new AssertionError("an empty piece of " + kind);
            }
            if (!events.isEmpty() && events.getLast().startsWith(kind + ": ")) {
                events.add(events.removeLast() + piece);
            } else {
                events.add(kind + ": " + piece);
            }
        }

        @Override
        public void onCall(ParsedCall call) {
            calls.add(call);
            events.add("call: " + show(call));
        }

        @Override
        public void onMalformedCall(MalformedCall call) {
            malformed.add(call);
            events.add("malformed: " + call.reason());
        }
    }
}
