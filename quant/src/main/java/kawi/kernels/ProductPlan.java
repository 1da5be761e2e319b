package kawi.kernels;

/**
 * Several products of the same activations as they are divided into tasks, each for some groups of rows of one matrix.
 */
public interface ProductPlan {

    /** The number of threads that share the tasks. */
    int threads();

    int tasks();

    /** The matrix of a task. */
    PackedMatrix matrix(int task);

    /** The first group of a task. */
    int fromGroup(int task);

    /** The group after the last group of a task. */
    int toGroup(int task);
}
