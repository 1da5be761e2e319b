package kawi.template;

/**
 * The limits of one rendering. Templates are not trusted. Their input may be large, so each limit is a constant plus a
 * multiple of the size of the input:
 *
 * <ul>
 *   <li>steps: one for each node evaluated, each element visited and each 16 characters searched or compared;
 *   <li>units: characters and elements of all values created, reachable or not, and {@value #OBJECT} for each object
 *     allocated for one;
 *   <li>output: characters of the result and of the output of each macro call and captured block;
 *   <li>depth: nested nodes, macro calls, lazy filters and values, so that the Java stack cannot overflow.
 * </ul>
 *
 * <p>Costs are charged before memory is allocated. Exceeding a limit is an error at the current position in the
 * template.
 */
final class Budget {

    /**
     * Sufficient for about fifty nested macro calls, or for sums with as many terms as Jinja2 supports; needs a stack
     * of 400 KiB.
     */
    static final int MAX_DEPTH = 250;

    /** The maximum nesting depth of lists and dicts that are printed, compared or used as keys. */
    static final int MAX_VALUE_DEPTH = 150;

    /** The units of a list, tuple or string in addition to its elements; a dict entry counts as two objects. */
    static final int OBJECT = 8;

    private static final long BASE_STEPS = 4_000_000;
    private static final long BASE_UNITS = 16L << 20;
    private static final long BASE_OUTPUT = 4L << 20;

    private final long maxOutput;
    private long steps;
    private long units;
    private int depth;

    /** @param inputSize characters and elements of the variables given to the template */
    Budget(long inputSize) {
        steps = BASE_STEPS + 64 * inputSize;
        units = BASE_UNITS + 64 * inputSize;
        maxOutput = BASE_OUTPUT + 8 * inputSize;
    }

    void step() {
        step(1);
    }

    void step(long count) {
        if (count > steps) {
            throw new EvaluationException("the template exceeds the limit of steps (endless or deeply nested loop?)");
        }
        steps -= count;
    }

    /** Charges the steps for scanning {@code characters} characters. */
    void scan(long characters) {
        step(characters >> 4);
    }

    void allocate(long count) {
        if (count > units) {
            throw new EvaluationException("the template exceeds the limit of memory for text and values");
        }
        units -= count;
        step(count >> 4);
    }

    /** @param length the length of an output in characters after appending to it */
    void checkOutput(long length) {
        if (length > maxOutput) {
            throw new EvaluationException("the output of the template exceeds " + maxOutput + " characters");
        }
    }

    /** Enters a level of nesting; each call must be paired with a call of {@link #leave}. */
    void enter() {
        if (depth == MAX_DEPTH) {
            throw new EvaluationException("nesting or recursion exceeds " + MAX_DEPTH + " levels");
        }
        depth++;
    }

    void leave() {
        depth--;
    }

    /** @param level the number of lists and dicts that enclose the current value */
    static void checkValueDepth(int level) {
        if (level > MAX_VALUE_DEPTH) {
            throw new EvaluationException("the nesting of a value exceeds " + MAX_VALUE_DEPTH + " levels");
        }
    }
}
