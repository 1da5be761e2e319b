package kawi.kernels;

import jdk.incubator.vector.ShortVector;

/** What the Vector API says about this machine; a class of its own because loading it needs the module. */
final class VectorWidth {

    private VectorWidth() {}

    static int preferredBits() {
        return ShortVector.SPECIES_PREFERRED.vectorBitSize();
    }
}
