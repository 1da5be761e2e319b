package kawi.reply;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;

/** Text that repeats itself for good reason, and text that runs in circles. */
final class LoopSamples {

    private LoopSamples() {}

    private static String rows(int count, IntFunction<String> row) {
        var text = new StringBuilder();
        for (int i = 1; i <= count; i++) {
            text.append(row.apply(i));
        }
        return text.toString();
    }

    private static String row(int count, String format) {
        return rows(count, i -> String.format(Locale.ROOT, format, i, i * i, i % 7));
    }

    /** What a thought may hold. */
    static Map<String, String> legitimateInThoughts() {
        var samples = new LinkedHashMap<String, String>();
        samples.put("counting", row(300, "%d, "));
        samples.put("numbered steps", row(40, "%d. The square of this number is %d.\n"));
        samples.put("a sum, digit by digit", row(60, "Step %1$d: carry %3$d, write %3$d, total %2$d.\n"));
        samples.put("a grid of 20 by 20 zeros", ("[" + "0, ".repeat(19) + "0],\n").repeat(20));
        samples.put("rulers", ("=".repeat(400) + "\n" + "-".repeat(400) + "\nTitle\n").repeat(3));
        samples.put("spaces", "a" + " ".repeat(1500) + "b");
        samples.put("equal lines of code", "assertEquals(0, table.get(0));\n".repeat(20));
        samples.put("a refrain", poem(6));
        samples.put("checking twice", "Wait, let me check that again. 12 times 12 is 144. Yes.\n".repeat(5));
        samples.put("ASCII art", art());
        samples.put("markdown table", row(40, "| %d | item %d | %d kg | in stock |\n"));
        samples.put("equal records", "{\"id\": 1, \"name\": \"none\", \"tags\": []},\n".repeat(15));
        samples.put("multiplication table", rows(12, i -> rows(12, k -> i + " x " + k + " = " + i * k + "\n")));
        return samples;
    }

    /** What an answer may hold besides. */
    static Map<String, String> legitimateInAnswers() {
        var samples = legitimateInThoughts();
        samples.put("a grid of 30 by 30 zeros", ("[" + "0, ".repeat(29) + "0],\n").repeat(30));
        samples.put("a year of CSV", row(365, "2024-%1$03d,0,0,0.0,%3$d,ok\n"));
        samples.put("a hundred JSON records", row(100, "  {\"id\": %d, \"square\": %d, \"active\": true},\n"));
        samples.put("a switch", row(120, "            case %d -> Color.GREEN;\n"));
        samples.put("an SVG", row(100, "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"red\"/>\n"));
        samples.put("equal records, more", "{\"id\": 1, \"name\": \"none\", \"tags\": []},\n".repeat(30));
        samples.put("translations", row(80, "msgid \"line %d\"\nmsgstr \"Zeile %d\"\n\n"));
        samples.put("a long poem", poem(14));
        return samples;
    }

    private static String poem(int verses) {
        var random = new Random(7);
        List<String> words = List.of(
                "river", "stone", "light", "winter", "bird", "road", "night", "silver", "song", "rain", "home", "sea",
                "wind", "fire", "hill");
        return rows(
                verses,
                verse -> rows(4, line -> rows(6, w -> words.get(random.nextInt(words.size())) + " ") + "\n")
                        + "And oh, the water carries all away, away,\nand all of it comes home another day.\n\n");
    }

    private static String art() {
        return rows(30, i -> " ".repeat(30 - i) + "/" + "*".repeat(2 * i) + "\\\n") + "|_".repeat(40) + "|\n";
    }

    /** Loops that a thought must not go on with; of exact ones, many rounds are alike. */
    static Map<String, String> loopsInThoughts() {
        var samples = loopsInAnswers();
        samples.put(
                "drift in a number",
                rows(
                        400,
                        i -> "Wait, let me check again. The total of the first column is 144, so the answer should be"
                                + " 144. Let me verify attempt " + i % 10 + " once more.\n\n"));
        samples.put(
                "drift in a word",
                rows(
                        400,
                        i -> "Hmm, actually, let me " + (i % 3 == 0 ? "reconsider" : "rethink")
                                + " the problem. We have three boxes and five balls, and every box must hold at least one ball."
                                + " So we need to count the ways.\n\n"));
        return samples;
    }

    /** Loops that an answer must not go on with. */
    static Map<String, String> loopsInAnswers() {
        var samples = new LinkedHashMap<String, String>();
        samples.put("a sentence", "The capital of France is Paris, which is the capital of France. ".repeat(400));
        samples.put(
                "a Chinese sentence",
                "\u6211\u9700\u8981\u518D\u68C0\u67E5\u4E00\u4E0B\u8FD9\u4E2A\u7B54\u6848\u662F\u5426\u6B63\u786E\u3002"
                        .repeat(800));
        samples.put("a paragraph", (poem(3) + "So the poem ends here, or so it seems.\n").repeat(20));
        samples.put("a word", "very ".repeat(6000));
        samples.put("a list", "1. Buy milk\n2. Buy bread\n3. Call home\n".repeat(300));
        samples.put(
                "code",
                "        if (index < length && values[index] != null) {\n            index++;\n        }\n"
                        .repeat(200));
        return samples;
    }
}
