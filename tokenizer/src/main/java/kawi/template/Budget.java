package kawi.template;

/**
 * What one rendering may spend. A template is untrusted, its input is the caller's own, so the allowances are a
 * constant plus a multiple of the input's size:
 *
 * <ul>
 *   <li>steps: one per node evaluated, per element visited and per 16 characters searched or compared;
 *   <li>units: characters and elements ever put into a new value, living or not, and {@value #OBJECT} more for every
 *     small object made for one;
 *   <li>output: characters of the result, also of every macro call and captured block;
 *   <li>depth: nodes, macro calls, lazy filters and nested values under way at once, so that the Java stack cannot
 *     overflow.
 * </ul>
 *
 * <p>Everything is charged before it is built. Reaching a limit is an ordinary error at the place reached.
 */
final class Budget {

    /**
     * Some fifty macros calling each other, or sums of as many terms as Jinja2 itself can take, in 400 KiB of stack.
     */
    static final int MAX_DEPTH = 250;

    /** How deep lists and dicts may be nested when printed, compared or used as keys. */
    static final int MAX_VALUE_DEPTH = 150;

    /** What a list, tuple or string costs beside its elements; a dict entry is two objects. */
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
            throw new EvaluationException("the template takes too many steps (an endless or explosive loop?)");
        }
        steps -= count;
    }

    /** Pays for reading through {@code characters} characters. */
    void scan(long characters) {
        step(characters >> 4);
    }

    void allocate(long count) {
        if (count > units) {
            throw new EvaluationException("the template builds too much text or too many values");
        }
        units -= count;
        step(count >> 4);
    }

    /** @param length characters of one output after the next piece */
    void checkOutput(long length) {
        if (length > maxOutput) {
            throw new EvaluationException("the template prints more than " + maxOutput + " characters");
        }
    }

    /** Goes one level deeper; every call is paired with {@link #leave}. */
    void enter() {
        if (depth == MAX_DEPTH) {
            throw new EvaluationException("the template is nested or recurses more than " + MAX_DEPTH + " levels deep");
        }
        depth++;
    }

    void leave() {
        depth--;
    }

    /** @param level how many lists and dicts the one being looked at lies in */
    static void checkValueDepth(int level) {
        if (level > MAX_VALUE_DEPTH) {
            throw new EvaluationException("a value is nested more than " + MAX_VALUE_DEPTH + " levels deep");
        }
    }
}
