package kawi.assembler.a64;

import java.util.Locale;
import java.util.function.Consumer;
import kawi.assembler.Sample;

/** Makes samples of AArch64 instructions, and the texts of general-purpose registers. */
final class Samples {

    private Samples() {}

    static Sample of(String text, Consumer<Assembler> call) {
        return new Sample("", text, () -> {
            Assembler a = new Assembler();
            call.accept(a);
            return a.finish();
        });
    }

    /** The register of 64 bits. */
    static String x(Gp register) {
        return switch (register) {
            case SP -> "sp";
            case ZR -> "xzr";
            default -> register.name().toLowerCase(Locale.ROOT);
        };
    }

    /** The register of 32 bits. */
    static String w(Gp register) {
        return switch (register) {
            case SP -> "wsp";
            case ZR -> "wzr";
            default -> "w" + register.name().substring(1);
        };
    }

    /** As the disassembler writes it. */
    static String text(Condition condition) {
        return switch (condition) {
            case EQUAL -> "eq";
            case NOT_EQUAL -> "ne";
            case HIGHER_OR_SAME -> "cs";
            case LOWER -> "cc";
            case MINUS -> "mi";
            case PLUS -> "pl";
            case OVERFLOW -> "vs";
            case NO_OVERFLOW -> "vc";
            case HIGHER -> "hi";
            case LOWER_OR_SAME -> "ls";
            case GREATER_OR_EQUAL -> "ge";
            case LESS -> "lt";
            case GREATER -> "gt";
            case LESS_OR_EQUAL -> "le";
        };
    }

    /**
     * Without what the disassembler writes differently: comments, the width of columns, spaces behind commas, and
     * numbers in hexadecimal.
     */
    static String normal(String text) {
        String plain = text.replaceFirst("//.*", "")
                .replaceFirst("\\s+", " ")
                .replaceAll(",\\s+", ",")
                .strip();
        StringBuilder out = new StringBuilder();
        for (String piece : plain.split("(?=#)", -1)) {
            if (piece.startsWith("#0x")) {
                int end = 3;
                while (end < piece.length() && Character.digit(piece.charAt(end), 16) >= 0) {
                    end++;
                }
                out.append('#')
                        .append(Long.toUnsignedString(Long.parseUnsignedLong(piece.substring(3, end), 16)))
                        .append(piece.substring(end));
            } else {
                out.append(piece);
            }
        }
        // The move of a vector register is an ORR.
        return out.toString().replaceFirst("^orr (v.*),(v.*),\\2$", "mov $1,$2");
    }
}
