package kawi.template;

/**
 * A parsed format specification; absent characters are 0.
 *
 * @param fill the fill character, one code point
 * @param alignment {@code <}, {@code >}, {@code ^} or {@code =} (padding between sign and digits)
 * @param sign {@code -} for a sign of negative numbers only, {@code +} or a space for all numbers
 * @param precision -1 if absent
 */
record FormatSpec(
        String fill,
        char alignment,
        char sign,
        boolean alternate,
        long width,
        char grouping,
        long precision,
        char type) {

    static FormatSpec parse(String spec) {
        return new Reader(spec).read();
    }

    private static final class Reader {

        private final String spec;
        private int position;

        Reader(String spec) {
            this.spec = spec;
        }

        FormatSpec read() {
            var fill = " ";
            char alignment = 0;
            int first = spec.isEmpty() ? 0 : spec.offsetByCodePoints(0, 1);
            if (isAny(first, "<>^=")) {
                fill = spec.substring(0, first);
                alignment = spec.charAt(first);
                position = first + 1;
            } else {
                alignment = takeAny("<>^=");
            }
            char sign = takeAny("+- ");
            boolean alternate = takeAny("#") != 0;
            if (takeAny("0") != 0 && alignment == 0) {
                fill = "0";
                alignment = '=';
            }
            long width = number();
            char grouping = takeAny(",_");
            long precision = -1;
            if (takeAny(".") != 0) {
                int start = position;
                precision = number();
                if (position == start) {
                    throw new EvaluationException("format: the precision is missing");
                }
            }
            char type = 0;
            if (position < spec.length()) {
                type = spec.charAt(position++);
            }
            if (position < spec.length()) {
                throw new EvaluationException("format: invalid format specification '" + spec + "'");
            }
            return new FormatSpec(fill, alignment, sign == 0 ? '-' : sign, alternate, width, grouping, precision, type);
        }

        private boolean isAny(int index, String characters) {
            return index < spec.length() && characters.indexOf(spec.charAt(index)) >= 0;
        }

        private char takeAny(String characters) {
            return isAny(position, characters) ? spec.charAt(position++) : 0;
        }

        private long number() {
            int start = position;
            while (isAny(position, "0123456789")) {
                position++;
            }
            if (position - start > 18) {
                throw new EvaluationException("format: a width or precision is too large");
            }
            return position == start ? 0 : Long.parseLong(spec.substring(start, position));
        }
    }
}
