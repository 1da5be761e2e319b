package kawi;

/**
 * Tests a {@link WeightFormat}. It depends on no test framework; with JUnit a complete test of a format is
 *
 * {@snippet :
 *    @Test
 *    void isAWeightFormat() {
 *        WeightFormatCheck.run(new Sixtyfourths());
 *    }
 * }
 *
 * <p>What is checked: the properties of the format, and that they do not change; that blocks decode to the same weights
 * alone, in groups, by several threads at once, at addresses of any alignment, and to any place of an array, of which
 * nothing else is changed; that blocks are not modified; that random blocks, and blocks of all zeros and all ones, cause
 * no exception; that the integer form of an {@link IntegerWeightFormat} is in the range that it declares and agrees with
 * {@code decode}; that products are equal, bit for bit, in all tiers of kernels that this machine has; and, if there is
 * an encoder, that it writes whole blocks, the same each time, whose weights are nearer to the encoded ones than zeros.
 */
public final class WeightFormatCheck {

    private WeightFormatCheck() {}

    /**
     * Tests a format in about a second. The blocks are random, but the same in each run.
     *
     * @throws AssertionError if the format does not do what {@link WeightFormat} says; the message is a sentence that
     *     says what was done, what was expected, and what was found
     */
    public static void run(WeightFormat format) {
        Engine.provider().check(format);
    }
}
