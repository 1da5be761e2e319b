package kawi.random;

/**
 * The sizes of the vision parts of the published Qwen3.5 models, and of a tiny one for tests. All have patches of 16 x
 * 16 pixels in two frames, four of which are merged.
 *
 * @param tableSide side of the table of positions
 * @param out hidden size of the text model
 */
record RandomVisionShape(int hidden, int intermediate, int depth, int heads, int tableSide, int out) {

    static final int PATCH = 16;
    static final int FRAMES = 2;
    static final int MERGE = 2;

    /** The vision part of a text model. */
    static RandomVisionShape of(RandomShape text) {
        return switch (text) {
            case TINY -> new RandomVisionShape(128, 256, 2, 2, 8, text.hidden);
            case SIZE_0_8B -> new RandomVisionShape(768, 3072, 12, 12, 48, text.hidden);
            case SIZE_2B, SIZE_4B -> new RandomVisionShape(1024, 4096, 24, 16, 48, text.hidden);
            case SIZE_9B, SIZE_27B -> new RandomVisionShape(1152, 4304, 27, 16, 48, text.hidden);
        };
    }
}
