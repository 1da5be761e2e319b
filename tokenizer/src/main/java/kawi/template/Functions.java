package kawi.template;

import java.time.InstantSource;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import kawi.tokenizer.OriginText;

/** The global functions of a template, which variables of the same name replace. */
final class Functions {

    private static final List<String> NAMES =
            List.of("range", "dict", "namespace", "raise_exception", "strftime_now", "joiner", "cycler", "lipsum");

    private Functions() {}

    /**
     * @param clock the clock of {@code strftime_now}
     * @param zone the time zone of {@code strftime_now}
     */
    static Map<String, Object> global(Budget budget, InstantSource clock, ZoneId zone) {
        Map<String, Object> functions = new HashMap<>();
        for (String name : NAMES) {
            functions.put(name, new Function(name, budget, clock, zone));
        }
        return functions;
    }

    /** A function by name, of a class that exists once, because creating a class takes longer than a call. */
    private static final class Function implements Callable {

        private final String name;
        private final Budget budget;
        private final InstantSource clock;
        private final ZoneId zone;

        Function(String name, Budget budget, InstantSource clock, ZoneId zone) {
            this.name = name;
            this.budget = budget;
            this.clock = clock;
            this.zone = zone;
        }

        @Override
        public Object call(Arguments arguments) {
            return switch (name) {
                case "range" -> range(arguments);
                case "dict" -> dict(arguments, name, budget);
                case "namespace" -> namespace(arguments, budget);
                case "raise_exception" -> raise(arguments, budget);
                case "strftime_now" -> strftime(arguments, clock, zone, budget);
                case "joiner" -> joiner(arguments);
                case "cycler" -> cycler(arguments);
                default -> lipsum();
            };
        }
    }

    private static OriginText strftime(Arguments arguments, InstantSource clock, ZoneId zone, Budget budget) {
        var format = arguments.bind("strftime_now", 1, "format").text(0, OriginText.EMPTY);
        var time = clock.instant().atZone(zone).toLocalDateTime();
        return format.map(text -> Strftime.format(text, time, budget));
    }

    /** A function that returns the empty string at its first call, and the separator at all others. */
    private static Callable joiner(Arguments arguments) {
        var separator = arguments.bind("joiner", 0, "sep").get(0, OriginText.ofTemplate(", "));
        var used = new AtomicBoolean();
        return call -> {
            call.onlyPositional("a joiner", 0, 0);
            return used.getAndSet(true) ? separator : OriginText.EMPTY;
        };
    }

    private static Cycler cycler(Arguments arguments) {
        return new Cycler(List.copyOf(arguments.onlyPositional("cycler", 1, Integer.MAX_VALUE)));
    }

    private static Object lipsum() {
        throw new EvaluationException("the function 'lipsum', which returns random text, is not supported");
    }

    private static Object range(Arguments arguments) {
        var bounds = arguments.onlyPositional("range", 1, 3).stream()
                .mapToLong(bound -> Values.index(bound, "an argument of range()"))
                .toArray();
        return bounds.length == 1
                ? Sequence.Range.of(0, bounds[0], 1)
                : Sequence.Range.of(bounds[0], bounds[1], bounds.length == 3 ? bounds[2] : 1);
    }

    /** Python's {@code dict(mapping_or_pairs, **entries)}. */
    private static Dict dict(Arguments arguments, String function, Budget budget) {
        var dict = new Dict();
        for (var argument : new Arguments(arguments.positional(), Map.of()).onlyPositional(function, 0, 1)) {
            if (argument instanceof Dict other) {
                dict.putAll(other, budget);
            } else {
                for (var pair : Values.list(argument, budget)) {
                    List<Object> keyAndValue = Values.list(pair, budget);
                    if (keyAndValue.size() != 2) {
                        throw new EvaluationException("%s: expected pairs, found a sequence of %d values"
                                .formatted(function, keyAndValue.size()));
                    }
                    dict.put(keyAndValue.get(0), keyAndValue.get(1), budget);
                }
            }
        }
        arguments.named().forEach((name, value) -> dict.put(OriginText.ofTemplate(name), value, budget));
        return dict;
    }

    private static Namespace namespace(Arguments arguments, Budget budget) {
        var namespace = new Namespace();
        for (var entry : dict(arguments, "namespace", budget).entries()) {
            if (entry.key() instanceof CharSequence name) {
                namespace.attributes.put(name.toString(), entry.value());
            }
        }
        return namespace;
    }

    private static Object raise(Arguments arguments, Budget budget) {
        var message = arguments.bind("raise_exception", 1, "message").get(0);
        throw EvaluationException.raisedByTemplate(Display.text(message, budget).toString());
    }
}
