package kawi.kernels;

import java.util.List;
import java.util.Random;
import kawi.quant.WeightFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** {@link TierAgreementTest} with random shapes; if there is only one tier, it is compared with itself. */
class TierAgreementPropertyTest {

    @Property(tries = 60)
    void anyProductGivesTheSameBits(
            @ForAll @IntRange(min = 0, max = 1000) int anyFormat,
            @ForAll @IntRange(min = 1, max = 150) int rows,
            @ForAll @IntRange(min = 1, max = 5) int blocks,
            @ForAll @IntRange(min = 1, max = 40) int tokens,
            @ForAll boolean hostile,
            @ForAll long seed) {
        List<WeightFormat> formats = Samples.formats();
        WeightFormat format = formats.get(anyFormat % formats.size());
        int columns = format.blockSize() == 1 ? blocks * 13 : blocks * format.blockSize();
        TierAgreementTest.agree(format, rows, columns, tokens, hostile, new Random(seed));
    }
}
