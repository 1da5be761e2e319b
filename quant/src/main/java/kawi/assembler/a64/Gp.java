package kawi.assembler.a64;

/**
 * The general-purpose registers of 64 bits. Number 31 is the stack pointer in some instructions and zero in the others,
 * and each instruction accepts one of the two. X18 is missing: macOS and Windows reserve it.
 */
public enum Gp {
    X0(0),
    X1(1),
    X2(2),
    X3(3),
    X4(4),
    X5(5),
    X6(6),
    X7(7),
    X8(8),
    X9(9),
    X10(10),
    X11(11),
    X12(12),
    X13(13),
    X14(14),
    X15(15),
    X16(16),
    X17(17),
    X19(19),
    X20(20),
    X21(21),
    X22(22),
    X23(23),
    X24(24),
    X25(25),
    X26(26),
    X27(27),
    X28(28),
    X29(29),
    X30(30),
    SP(31),
    ZR(31);

    private final int number;

    Gp(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
