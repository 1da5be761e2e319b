package kawi.kernels.assembled;

import java.util.List;

/** A CPU that can run machine code of the assembled tier, with the features that the kernels distinguish. */
public interface Cpu {

    /** The name for display. */
    String name();

    /** The features of the CPU that the kernels can use, for display. */
    List<String> features();

    /** The instruction sets of the assembled tier that this CPU and its operating system support, best first. */
    List<InstructionSet> instructionSets();

    /** What is missing if there are none, as the end of a sentence about the CPU: {@code "lacks …"}. */
    String shortcoming();
}
