package kawi.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import kawi.reply.OfferedTools;
import kawi.reply.ParsedCall;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Calls with tags that are missing, doubled, swapped, renamed, nested or cut: what is read is what was meant, or the
 * call is refused, and nothing of a call is text.
 */
class DamagedCallPropertyTest {

    private static final Map<String, List<String>> TOOLS = Map.of(
            "read", List.of("path", "limit"),
            "write", List.of("path", "content"),
            "edit", List.of("path", "before", "after", "note"),
            "get", List.of("city"),
            "search", List.of("query", "lang", "limit"));

    private static final OfferedTools OFFERED = new OfferedTools(
            TOOLS.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, e -> Set.copyOf(e.getValue()))));

    private static final List<String> VALUES = List.of(
            "notes/a.txt",
            "20",
            "",
            "two words",
            "one line\nand another\n\n  and a third",
            "List<Map<String, Integer>> x = f(<caret>);",
            "<!DOCTYPE html>\n<html>\n<body>\n<p>a < b</p>\n</body>\n</html>",
            "what does </parameter> mean in a <function=f> block",
            "a <parameter=x>1</parameter> b",
            "before\n<parameter=x>\n1\n</parameter>\nafter",
            "{\"name\": \"f\", \"arguments\": {}}",
            "Example:\n<function=get>\n<parameter=city>\nOslo\n</parameter>\n</function>\nend",
            "<tool_call>\n<function=get>\n<parameter=city>\nOslo\n</parameter>\n</function>\n</tool_call>",
            "Call a tool:\n\n<tool_call>\n<function=read>\n<parameter=path>\nx\n</parameter>\n<parameter=limit>\n1\n</parameter>\n</function>\n</tool_call>\n\nand wait.",
            "Or <tool_call><function=get><parameter=city>Oslo</parameter></function></tool_call> so.",
            "Or so:\n<tool_call>\n{\"name\": \"get\", \"arguments\": {\"city\": \"Oslo\"}}\n</tool_call>\nThat is all.",
            "if (a </b) c >d",
            "</thought>\n<invoke name=\"x\">\n</invoke>",
            "\u96E8 \uD83C\uDF27 \u00FC");

    /** A call as it is meant, and its text in pieces: tags at even positions, what is between them at odd ones. */
    private record Meant(String name, Map<String, String> values, List<String> pieces) {

        static Meant random(Random random) {
            String name = List.copyOf(new TreeSet<>(TOOLS.keySet())).get(random.nextInt(TOOLS.size()));
            Map<String, String> values = new LinkedHashMap<>();
            for (String parameter : TOOLS.getOrDefault(name, List.of())) {
                if (random.nextInt(4) > 0) {
                    values.put(parameter, VALUES.get(random.nextInt(VALUES.size())));
                }
            }
            // A value without its own line is only told from its tags if it is one.
            boolean lines = random.nextInt(3) > 0 || values.values().stream().anyMatch(v -> v.contains("\n"));
            String space = lines ? "\n" : "";
            List<String> pieces = new ArrayList<>(List.of("<tool_call>", space, "<function=" + name + ">", space));
            values.forEach((parameter, value) -> pieces.addAll(
                    List.of("<parameter=" + parameter + ">", space + value + space, "</parameter>", space)));
            pieces.addAll(List.of("</function>", space, "</tool_call>", ""));
            return new Meant(name, values, pieces);
        }

        private int tag(Random random) {
            return 2 * random.nextInt(pieces.size() / 2);
        }

        void damage(Random random) {
            int at = tag(random);
            String piece = pieces.get(at);
            switch (random.nextInt(5)) {
                case 0 -> pieces.set(at, "");
                case 1 -> pieces.addAll(at, List.of(piece, random.nextBoolean() ? "\n" : ""));
                case 2 -> {
                    int other = Math.min(at + 2, pieces.size() - 2);
                    pieces.set(at, pieces.get(other));
                    pieces.set(other, piece);
                }
                case 3 -> pieces.set(at, renamed(random, piece));
                default -> {
                    // A tag that belongs elsewhere.
                    pieces.addAll(at, List.of(STRAY.get(random.nextInt(STRAY.size())), "\n"));
                }
            }
        }

        private static final List<String> STRAY =
                List.of("</parameter>", "</function>", "</invoke>", "</function_invocation>", "</tool_calls>");

        private static String renamed(Random random, String tag) {
            List<String> names = switch (tag) {
                case "<tool_call>" -> List.of("<toolcall>", "<tool_calls>", "<function_call>");
                case "</tool_call>" ->
                    List.of("</toolcall>", "</tool_calls>", "</function_calls>", "<|tool_call_end|>");
                case "</function>" -> List.of("</func>", "</function_call>", "</invoke>", "</function=f>");
                case "</parameter>" ->
                    List.of("</param>", "</parameter=x>", "</parameters>", "</PARAMETER >", "</arg_value>");
                default ->
                    List.of(
                            tag.replace("<parameter=", "<param="),
                            tag.replace("=", "=\"").replace(">", "\">"),
                            tag.replace("=", " name=\"").replace(">", "\">"),
                            tag.replace(">", ""));
            };
            return names.get(random.nextInt(names.size()));
        }

        String text() {
            return String.join("", pieces);
        }
    }

    private static Heard heard(String reply) {
        return Heard.of(OFFERED, false, List.of(reply));
    }

    /** Whether a call would be accepted: whether its tool has all of its parameters. */
    private static boolean isPossible(ParsedCall call) {
        return TOOLS.containsKey(call.name())
                && call.arguments() instanceof ParsedCall.Parameters(var values)
                && TOOLS.get(call.name()).containsAll(values.keySet());
    }

    private static void check(String reply, List<Meant> meant, boolean crlf) {
        Heard heard = heard(reply);
        for (ParsedCall call : heard.calls()) {
            if (!isPossible(call)) {
                continue;
            }
            Map<String, String> values = ((ParsedCall.Parameters) call.arguments()).values();
            boolean known = meant.stream()
                    .anyMatch(one -> one.name().equals(call.name())
                            && one.values().keySet().containsAll(values.keySet())
                            && values.entrySet().stream()
                                    .allMatch(value -> lines(one.values().getOrDefault(value.getKey(), ""), crlf)
                                            .equals(value.getValue())));
            assertTrue(known, () -> "read " + Heard.show(call) + "\nfrom\n" + reply);
        }
        assertTrue(
                heard.text().strip().equals("Before.") || heard.text().matches("Before\\.\\s+After\\."),
                () -> "text: " + heard.text() + "\nfrom\n" + reply + "\n" + heard);
    }

    private static String lines(String value, boolean crlf) {
        return crlf ? value.replace("\n", "\r\n") : value;
    }

    private static String reply(Random random, List<Meant> meant, boolean crlf) {
        String text = "Before.\n\n"
                + meant.stream().map(Meant::text).collect(Collectors.joining("\n"))
                + (random.nextInt(3) == 0 ? "\n\nAfter." : "");
        return crlf ? text.replace("\n", "\r\n") : text;
    }

    private static List<Meant> calls(Random random) {
        List<Meant> calls = new ArrayList<>();
        for (int n = random.nextInt(3); n >= 0; n--) {
            calls.add(Meant.random(random));
        }
        return calls;
    }

    @Property(tries = 3000)
    void undamagedCallsAreRead(@ForAll Random random) {
        List<Meant> meant = calls(random);
        boolean crlf = random.nextInt(4) == 0;
        String reply = reply(random, meant, crlf);
        Heard heard = heard(reply);
        assertEquals(
                meant.stream()
                        .map(call -> Heard.show(new ParsedCall(
                                call.name(),
                                new ParsedCall.Parameters(call.values().entrySet().stream()
                                        .collect(Collectors.toMap(
                                                Map.Entry::getKey,
                                                e -> lines(e.getValue(), crlf),
                                                (a, b) -> a,
                                                LinkedHashMap::new))),
                                "")))
                        .toList(),
                heard.calls().stream().map(Heard::show).toList(),
                reply);
        assertEquals(List.of(), heard.malformed(), reply);
    }

    @Property(tries = 20_000)
    void damagedCallsAreReadAsMeantOrRefused(@ForAll Random random) {
        List<Meant> meant = calls(random);
        meant.get(random.nextInt(meant.size())).damage(random);
        boolean crlf = random.nextInt(4) == 0;
        check(reply(random, meant, crlf), meant, crlf);
    }

    @Property(tries = 500)
    void callsCutAnywhereAreReadAsMeantOrRefused(@ForAll Random random) {
        List<Meant> meant = calls(random);
        String reply = reply(random, meant, false);
        int from = "Before.".length();
        for (int end = from; end <= reply.length() && !reply.startsWith("A", end - 1); end++) {
            check(reply.substring(0, end), meant, false);
        }
    }

    @Property(tries = 2000)
    void damagedRepliesDoNotDependOnHowTheyAreCut(@ForAll Random random, @ForAll boolean thinking) {
        List<Meant> meant = calls(random);
        meant.getFirst().damage(random);
        String reply = reply(random, meant, random.nextBoolean());
        reply = thinking && random.nextBoolean() ? reply + "\n</think>\n\nSo." : reply;
        Heard whole = Heard.of(OFFERED, thinking, List.of(reply));
        assertEquals(
                whole,
                Heard.of(
                        OFFERED,
                        thinking,
                        reply.chars().mapToObj(Character::toString).toList()));
        List<String> pieces = new ArrayList<>();
        for (int at = 0; at < reply.length(); ) {
            int end = Math.min(reply.length(), at + 1 + random.nextInt(20));
            pieces.add(reply.substring(at, end));
            at = end;
        }
        assertEquals(whole, Heard.of(OFFERED, thinking, pieces));
    }

    /** A damage that has one meaning is not merely refused. */
    @Example
    void mostDamageIsUnderstood() {
        Random random = new Random(7);
        int understood = 0;
        for (int i = 0; i < 4000; i++) {
            Meant meant = Meant.random(random);
            meant.damage(random);
            understood += heard(meant.text()).calls().isEmpty() ? 0 : 1;
        }
        assertTrue(understood > 2500, "understood: " + understood);
    }
}
