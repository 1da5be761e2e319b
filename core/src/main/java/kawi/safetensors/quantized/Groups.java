package kawi.safetensors.quantized;

/** Groups of neighboring inputs. */
final class Groups {

    private Groups() {}

    /** The group of each input, if all groups but the last have the same size. */
    static int[] inOrder(int columns, int groupSize) {
        int[] groupOf = new int[columns];
        for (int column = 0; column < columns; column++) {
            groupOf[column] = column / groupSize;
        }
        return groupOf;
    }

    /** Whether each run of {@code length} inputs is in one group. */
    static boolean haveRuns(int[] groupOf, int length) {
        if (groupOf.length % length != 0) {
            return false;
        }
        for (int column = 0; column < groupOf.length; column++) {
            if (groupOf[column] != groupOf[column / length * length]) {
                return false;
            }
        }
        return true;
    }
}
