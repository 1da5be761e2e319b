package kawi.files;

/** Short printable forms of untrusted content, safe to show on a terminal or in a log. */
public final class Excerpt {

    private static final int MAX_LENGTH = 100;

    private Excerpt() {}

    /** At most 100 characters of {@code text}, with control, format and other invisible characters escaped. */
    public static String of(String text) {
        var out = new StringBuilder();
        for (int at = 0; at < text.length(); ) {
            if (out.length() >= MAX_LENGTH) {
                return out.append('…').toString();
            }
            int character = text.codePointAt(at);
            at += Character.charCount(character);
            if (isPrintable(character)) {
                out.appendCodePoint(character);
            } else {
                out.append("\\u{%X}".formatted(character));
            }
        }
        return out.toString();
    }

    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    /** {@code bytes} in hexadecimal, then as characters: {@code 50 4b 03 04 "PK.."}. */
    public static String of(byte[] bytes) {
        var hex = new StringBuilder();
        var characters = new StringBuilder();
        for (byte b : bytes) {
            hex.append("%02x ".formatted(b));
            characters.append(b >= ' ' && b <= '~' ? (char) b : '.');
        }
        return hex + "\"" + characters + "\"";
    }
}
