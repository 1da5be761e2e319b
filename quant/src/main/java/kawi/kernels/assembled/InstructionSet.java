package kawi.kernels.assembled;

/** An instruction set for which the assembled tier has an emitter. All compute identical bits. */
public interface InstructionSet {

    /** The name in messages and in the system property that selects an instruction set. */
    String label();

    /** Creates the machine code of the kernels. */
    Emitter emitter();
}
