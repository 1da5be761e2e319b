package kawi.assembler.a64;

/**
 * The vector instructions of the kernels, one line each: operands, shapes, how the size of an element is encoded, and
 * the instruction's bits apart from registers, size, immediates and bit 30, which is set for 128 bits. The names are
 * the manual's, with {@code _ZERO} for comparisons with zero, {@code _SCALAR} for pairs within one vector, and
 * {@code _FIXED} for fixed-point numbers.
 */
public enum VectorOp {
    // Integers and bits.
    ADD(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E208400),
    SUB(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x2E208400),
    SQADD(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E200C00),
    UQADD(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x2E200C00),
    SQSUB(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E202C00),
    UQSUB(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x2E202C00),
    MUL(Form.SAME3, Shapes.TO_32, Size.INTEGER, 0x0E209C00, 0, 0x0F008000),
    MLA(Form.SAME3, Shapes.TO_32, Size.INTEGER, 0x0E209400, 0, 0x2F000000),
    MLS(Form.SAME3, Shapes.TO_32, Size.INTEGER, 0x2E209400, 0, 0x2F004000),
    SMAX(Form.SAME3, Shapes.TO_32, Size.INTEGER, 0x0E206400),
    UMAX(Form.SAME3, Shapes.TO_32, Size.INTEGER, 0x2E206400),
    SMIN(Form.SAME3, Shapes.TO_32, Size.INTEGER, 0x0E206C00),
    UMIN(Form.SAME3, Shapes.TO_32, Size.INTEGER, 0x2E206C00),
    SABD(Form.SAME3, Shapes.TO_32, Size.INTEGER, 0x0E207400),
    UABD(Form.SAME3, Shapes.TO_32, Size.INTEGER, 0x2E207400),
    ADDP(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E20BC00),
    SSHL(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E204400),
    USHL(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x2E204400),
    AND(Form.SAME3, Shapes.BYTES, Size.NONE, 0x0E201C00),
    BIC(Form.SAME3, Shapes.BYTES, Size.NONE, 0x0E601C00),
    ORR(Form.SAME3, Shapes.BYTES, Size.NONE, 0x0EA01C00),
    ORN(Form.SAME3, Shapes.BYTES, Size.NONE, 0x0EE01C00),
    EOR(Form.SAME3, Shapes.BYTES, Size.NONE, 0x2E201C00),
    BSL(Form.SAME3, Shapes.BYTES, Size.NONE, 0x2E601C00),
    BIT(Form.SAME3, Shapes.BYTES, Size.NONE, 0x2EA01C00),
    BIF(Form.SAME3, Shapes.BYTES, Size.NONE, 0x2EE01C00),
    CMGT(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E203400),
    CMGE(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E203C00),
    CMHI(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x2E203400),
    CMHS(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x2E203C00),
    CMTST(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E208C00),
    CMEQ(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x2E208C00),
    CMGT_ZERO(Form.SAME2, Shapes.INTEGERS, Size.INTEGER, 0x0E208800),
    CMGE_ZERO(Form.SAME2, Shapes.INTEGERS, Size.INTEGER, 0x2E208800),
    CMEQ_ZERO(Form.SAME2, Shapes.INTEGERS, Size.INTEGER, 0x0E209800),
    CMLE_ZERO(Form.SAME2, Shapes.INTEGERS, Size.INTEGER, 0x2E209800),
    CMLT_ZERO(Form.SAME2, Shapes.INTEGERS, Size.INTEGER, 0x0E20A800),
    ABS(Form.SAME2, Shapes.INTEGERS, Size.INTEGER, 0x0E20B800),
    NEG(Form.SAME2, Shapes.INTEGERS, Size.INTEGER, 0x2E20B800),
    CNT(Form.SAME2, Shapes.BYTES, Size.NONE, 0x0E205800),
    NOT(Form.SAME2, Shapes.BYTES, Size.NONE, 0x2E205800),
    REV16(Form.SAME2, Shapes.BYTES, Size.NONE, 0x0E201800),
    REV32(Form.SAME2, Shapes.TO_16, Size.INTEGER, 0x2E200800),
    REV64(Form.SAME2, Shapes.TO_32, Size.INTEGER, 0x0E200800),

    // Integers, with a result of elements twice as wide; those that end in 2 take the upper halves of their sources.
    SADDL(Form.LONG, Shapes.LOWER, Size.INTEGER, 0x0E200000),
    SADDL2(Form.LONG, Shapes.UPPER, Size.INTEGER, 0x0E200000),
    UADDL(Form.LONG, Shapes.LOWER, Size.INTEGER, 0x2E200000),
    UADDL2(Form.LONG, Shapes.UPPER, Size.INTEGER, 0x2E200000),
    SSUBL(Form.LONG, Shapes.LOWER, Size.INTEGER, 0x0E202000),
    SSUBL2(Form.LONG, Shapes.UPPER, Size.INTEGER, 0x0E202000),
    USUBL(Form.LONG, Shapes.LOWER, Size.INTEGER, 0x2E202000),
    USUBL2(Form.LONG, Shapes.UPPER, Size.INTEGER, 0x2E202000),
    SABDL(Form.LONG, Shapes.LOWER, Size.INTEGER, 0x0E207000),
    SABDL2(Form.LONG, Shapes.UPPER, Size.INTEGER, 0x0E207000),
    UABDL(Form.LONG, Shapes.LOWER, Size.INTEGER, 0x2E207000),
    UABDL2(Form.LONG, Shapes.UPPER, Size.INTEGER, 0x2E207000),
    SMULL(Form.LONG, Shapes.LOWER, Size.INTEGER, 0x0E20C000, 0, 0x0F00A000),
    SMULL2(Form.LONG, Shapes.UPPER, Size.INTEGER, 0x0E20C000, 0, 0x0F00A000),
    UMULL(Form.LONG, Shapes.LOWER, Size.INTEGER, 0x2E20C000, 0, 0x2F00A000),
    UMULL2(Form.LONG, Shapes.UPPER, Size.INTEGER, 0x2E20C000, 0, 0x2F00A000),
    SMLAL(Form.LONG, Shapes.LOWER, Size.INTEGER, 0x0E208000, 0, 0x0F002000),
    SMLAL2(Form.LONG, Shapes.UPPER, Size.INTEGER, 0x0E208000, 0, 0x0F002000),
    UMLAL(Form.LONG, Shapes.LOWER, Size.INTEGER, 0x2E208000, 0, 0x2F002000),
    UMLAL2(Form.LONG, Shapes.UPPER, Size.INTEGER, 0x2E208000, 0, 0x2F002000),
    SMLSL(Form.LONG, Shapes.LOWER, Size.INTEGER, 0x0E20A000, 0, 0x0F006000),
    SMLSL2(Form.LONG, Shapes.UPPER, Size.INTEGER, 0x0E20A000, 0, 0x0F006000),
    UMLSL(Form.LONG, Shapes.LOWER, Size.INTEGER, 0x2E20A000, 0, 0x2F006000),
    UMLSL2(Form.LONG, Shapes.UPPER, Size.INTEGER, 0x2E20A000, 0, 0x2F006000),
    SADDW(Form.WIDE, Shapes.LOWER, Size.INTEGER, 0x0E201000),
    SADDW2(Form.WIDE, Shapes.UPPER, Size.INTEGER, 0x0E201000),
    UADDW(Form.WIDE, Shapes.LOWER, Size.INTEGER, 0x2E201000),
    UADDW2(Form.WIDE, Shapes.UPPER, Size.INTEGER, 0x2E201000),
    SSUBW(Form.WIDE, Shapes.LOWER, Size.INTEGER, 0x0E203000),
    SSUBW2(Form.WIDE, Shapes.UPPER, Size.INTEGER, 0x0E203000),
    USUBW(Form.WIDE, Shapes.LOWER, Size.INTEGER, 0x2E203000),
    USUBW2(Form.WIDE, Shapes.UPPER, Size.INTEGER, 0x2E203000),
    SADDLP(Form.PAIRWISE_LONG, Shapes.TO_32, Size.INTEGER, 0x0E202800),
    UADDLP(Form.PAIRWISE_LONG, Shapes.TO_32, Size.INTEGER, 0x2E202800),
    SADALP(Form.PAIRWISE_LONG, Shapes.TO_32, Size.INTEGER, 0x0E206800),
    UADALP(Form.PAIRWISE_LONG, Shapes.TO_32, Size.INTEGER, 0x2E206800),

    // Integers, with a result of elements half as wide; those that end in 2 write the upper half and keep the lower
    // one.
    XTN(Form.NARROW, Shapes.LOWER, Size.INTEGER, 0x0E212800),
    XTN2(Form.NARROW, Shapes.UPPER, Size.INTEGER, 0x0E212800),
    SQXTN(Form.NARROW, Shapes.LOWER, Size.INTEGER, 0x0E214800),
    SQXTN2(Form.NARROW, Shapes.UPPER, Size.INTEGER, 0x0E214800),
    UQXTN(Form.NARROW, Shapes.LOWER, Size.INTEGER, 0x2E214800),
    UQXTN2(Form.NARROW, Shapes.UPPER, Size.INTEGER, 0x2E214800),
    SQXTUN(Form.NARROW, Shapes.LOWER, Size.INTEGER, 0x2E212800),
    SQXTUN2(Form.NARROW, Shapes.UPPER, Size.INTEGER, 0x2E212800),

    // Integers, across all lanes, into one element.
    ADDV(Form.ACROSS, Shapes.ACROSS_LANES, Size.INTEGER, 0x0E31B800),
    SMAXV(Form.ACROSS, Shapes.ACROSS_LANES, Size.INTEGER, 0x0E30A800),
    UMAXV(Form.ACROSS, Shapes.ACROSS_LANES, Size.INTEGER, 0x2E30A800),
    SMINV(Form.ACROSS, Shapes.ACROSS_LANES, Size.INTEGER, 0x0E31A800),
    UMINV(Form.ACROSS, Shapes.ACROSS_LANES, Size.INTEGER, 0x2E31A800),
    SADDLV(Form.ACROSS_LONG, Shapes.ACROSS_LANES, Size.INTEGER, 0x0E303800),
    UADDLV(Form.ACROSS_LONG, Shapes.ACROSS_LANES, Size.INTEGER, 0x2E303800),
    ADDP_SCALAR(Form.PAIR, Shapes.D2_ALONE, Size.NONE, 0x5EF1B800),

    // Shifts by an immediate.
    SHL(Form.SHIFT_LEFT, Shapes.INTEGERS, Size.NONE, 0x0F005400),
    SLI(Form.SHIFT_LEFT, Shapes.INTEGERS, Size.NONE, 0x2F005400),
    SSHR(Form.SHIFT_RIGHT, Shapes.INTEGERS, Size.NONE, 0x0F000400),
    USHR(Form.SHIFT_RIGHT, Shapes.INTEGERS, Size.NONE, 0x2F000400),
    SSRA(Form.SHIFT_RIGHT, Shapes.INTEGERS, Size.NONE, 0x0F001400),
    USRA(Form.SHIFT_RIGHT, Shapes.INTEGERS, Size.NONE, 0x2F001400),
    SRSHR(Form.SHIFT_RIGHT, Shapes.INTEGERS, Size.NONE, 0x0F002400),
    URSHR(Form.SHIFT_RIGHT, Shapes.INTEGERS, Size.NONE, 0x2F002400),
    SRI(Form.SHIFT_RIGHT, Shapes.INTEGERS, Size.NONE, 0x2F004400),
    SSHLL(Form.SHIFT_LONG, Shapes.LOWER, Size.NONE, 0x0F00A400),
    SSHLL2(Form.SHIFT_LONG, Shapes.UPPER, Size.NONE, 0x0F00A400),
    USHLL(Form.SHIFT_LONG, Shapes.LOWER, Size.NONE, 0x2F00A400),
    USHLL2(Form.SHIFT_LONG, Shapes.UPPER, Size.NONE, 0x2F00A400),
    SHRN(Form.SHIFT_NARROW, Shapes.LOWER, Size.NONE, 0x0F008400),
    SHRN2(Form.SHIFT_NARROW, Shapes.UPPER, Size.NONE, 0x0F008400),
    RSHRN(Form.SHIFT_NARROW, Shapes.LOWER, Size.NONE, 0x0F008C00),
    RSHRN2(Form.SHIFT_NARROW, Shapes.UPPER, Size.NONE, 0x0F008C00),
    SQSHRN(Form.SHIFT_NARROW, Shapes.LOWER, Size.NONE, 0x0F009400),
    SQSHRN2(Form.SHIFT_NARROW, Shapes.UPPER, Size.NONE, 0x0F009400),
    SQRSHRN(Form.SHIFT_NARROW, Shapes.LOWER, Size.NONE, 0x0F009C00),
    SQRSHRN2(Form.SHIFT_NARROW, Shapes.UPPER, Size.NONE, 0x0F009C00),
    SQSHRUN(Form.SHIFT_NARROW, Shapes.LOWER, Size.NONE, 0x2F008400),
    SQSHRUN2(Form.SHIFT_NARROW, Shapes.UPPER, Size.NONE, 0x2F008400),

    // Dot products and products of matrices of bytes.
    SDOT(Form.DOT, Shapes.WORDS, Size.NONE, 0x0E809400, 0, 0x0F80E000),
    UDOT(Form.DOT, Shapes.WORDS, Size.NONE, 0x2E809400, 0, 0x2F80E000),
    SMMLA(Form.MATRIX, Shapes.S4_ALONE, Size.NONE, 0x0E80A400),

    // Lanes.
    UZP1(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E001800),
    TRN1(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E002800),
    ZIP1(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E003800),
    UZP2(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E005800),
    TRN2(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E006800),
    ZIP2(Form.SAME3, Shapes.INTEGERS, Size.INTEGER, 0x0E007800),
    EXT(Form.EXTRACT, Shapes.BYTES, Size.NONE, 0x2E000000),

    // Floats.
    FADD(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x0E20D400, 0x1E202800),
    FSUB(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x0EA0D400, 0x1E203800),
    FMUL(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x2E20DC00, 0x1E200800, 0x0F809000),
    FDIV(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x2E20FC00, 0x1E201800),
    FMLA(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x0E20CC00, 0, 0x0F801000),
    FMLS(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x0EA0CC00, 0, 0x0F805000),
    FMAX(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x0E20F400, 0x1E204800),
    FMIN(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x0EA0F400, 0x1E205800),
    FMAXNM(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x0E20C400, 0x1E206800),
    FMINNM(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x0EA0C400, 0x1E207800),
    FABD(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x2EA0D400),
    FADDP(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x2E20D400),
    FMAXP(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x2E20F400),
    FMINP(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x2EA0F400),
    FADDP_SCALAR(Form.PAIR, Shapes.PAIRS, Size.FLOAT, 0x7E30D800),
    FMAXP_SCALAR(Form.PAIR, Shapes.PAIRS, Size.FLOAT, 0x7E30F800),
    FMINP_SCALAR(Form.PAIR, Shapes.PAIRS, Size.FLOAT, 0x7EB0F800),
    FMAXV(Form.ACROSS, Shapes.S4_ALONE, Size.NONE, 0x2E30F800),
    FMINV(Form.ACROSS, Shapes.S4_ALONE, Size.NONE, 0x2EB0F800),
    FMAXNMV(Form.ACROSS, Shapes.S4_ALONE, Size.NONE, 0x2E30C800),
    FMINNMV(Form.ACROSS, Shapes.S4_ALONE, Size.NONE, 0x2EB0C800),
    FCMEQ(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x0E20E400, 0x5E20E400),
    FCMGE(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x2E20E400, 0x7E20E400),
    FCMGT(Form.SAME3, Shapes.FLOATS, Size.FLOAT, 0x2EA0E400, 0x7EA0E400),
    FCMGT_ZERO(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0EA0C800, 0x5EA0C800),
    FCMGE_ZERO(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x2EA0C800, 0x7EA0C800),
    FCMEQ_ZERO(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0EA0D800, 0x5EA0D800),
    FCMLE_ZERO(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x2EA0D800, 0x7EA0D800),
    FCMLT_ZERO(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0EA0E800, 0x5EA0E800),
    FABS(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0EA0F800, 0x1E20C000),
    FNEG(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x2EA0F800, 0x1E214000),
    FSQRT(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x2EA1F800, 0x1E21C000),
    FRINTN(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0E218800, 0x1E244000),
    FRINTP(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0EA18800, 0x1E24C000),
    FRINTM(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0E219800, 0x1E254000),
    FRINTZ(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0EA19800, 0x1E25C000),
    FRINTA(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x2E218800, 0x1E264000),

    // Conversions.
    FCVTNS(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0E21A800, 0x5E21A800),
    FCVTMS(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0E21B800, 0x5E21B800),
    FCVTPS(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0EA1A800, 0x5EA1A800),
    FCVTZS(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0EA1B800, 0x5EA1B800),
    FCVTAS(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0E21C800, 0x5E21C800),
    SCVTF(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x0E21D800, 0x5E21D800),
    SCVTF_FIXED(Form.SHIFT_RIGHT, Shapes.WORDS, Size.NONE, 0x0F00E400),
    FCVTZS_FIXED(Form.SHIFT_RIGHT, Shapes.WORDS, Size.NONE, 0x0F00FC00),
    UCVTF(Form.SAME2, Shapes.FLOATS, Size.FLOAT, 0x2E21D800, 0x7E21D800),
    FCVTL(Form.LENGTHEN, Shapes.LOWER_FLOATS, Size.HALF, 0x0E217800),
    FCVTN(Form.NARROW, Shapes.LOWER_FLOATS, Size.HALF, 0x0E216800),
    FCVTL2(Form.LENGTHEN, Shapes.UPPER_FLOATS, Size.HALF, 0x0E217800),
    FCVTN2(Form.NARROW, Shapes.UPPER_FLOATS, Size.HALF, 0x0E216800),
    FCVT(Form.SCALAR_CONVERSION, Shapes.HALF_TO_DOUBLE, Size.NONE, 0, 0x1E224000),

    // Floats, scalar alone.
    FNMUL(Form.SAME3, Shapes.SCALARS, Size.FLOAT, 0, 0x1E208800),
    FMADD(Form.SCALAR4, Shapes.SCALARS, Size.FLOAT, 0, 0x1F000000),
    FMSUB(Form.SCALAR4, Shapes.SCALARS, Size.FLOAT, 0, 0x1F008000),
    FNMADD(Form.SCALAR4, Shapes.SCALARS, Size.FLOAT, 0, 0x1F200000),
    FNMSUB(Form.SCALAR4, Shapes.SCALARS, Size.FLOAT, 0, 0x1F208000);

    /** Which operands there are, and how their shapes depend on each other. */
    enum Form {
        /** {@code to, a, b}, all of one shape; b may be an element */
        SAME3,
        /** {@code to, a}, both of one shape */
        SAME2,
        /** {@code to, a, b}: the elements of {@code to} are twice as wide as those of the others; b may be an element */
        LONG,
        /** {@code to, a, b}: the elements of {@code to} and a are twice as wide as those of b */
        WIDE,
        /** {@code to, a}: the elements of {@code to} are twice as wide and half as many */
        LENGTHEN,
        /** {@code to, a}: the elements of {@code to} are half as wide */
        NARROW,
        /** {@code to, a}: each element of {@code to} gets the sum of two */
        PAIRWISE_LONG,
        /** {@code to, a}: all elements into one */
        ACROSS,
        /** {@code to, a}: all elements into one, twice as wide */
        ACROSS_LONG,
        /** {@code to, a}: two elements into one */
        PAIR,
        /** {@code to, a, count}: 0 to the number of bits less 1 */
        SHIFT_LEFT,
        /** {@code to, a, count}: 1 to the number of bits */
        SHIFT_RIGHT,
        /** {@code to, a, count}: to the left, the elements of {@code to} are twice as wide */
        SHIFT_LONG,
        /** {@code to, a, count}: to the right, the elements of {@code to} are half as wide */
        SHIFT_NARROW,
        /** {@code to, a, b}: words, with four bytes of the others for each; b may be such four bytes for all */
        DOT,
        /** {@code to, a, b}: words and bytes */
        MATRIX,
        /** {@code to, a, b, index}: bytes from index on in a, then in b */
        EXTRACT,
        /** {@code to, a}: two different scalar types */
        SCALAR_CONVERSION,
        /** {@code to, a, b, c}, all of one scalar shape */
        SCALAR4
    }

    /** What the encoding says about the size of an element, in bits 22 and 23. */
    enum Size {
        /** Nothing. */
        NONE,
        /** The logarithm of the number of bytes. */
        INTEGER,
        /** 1 for 64 bits, 0 for 32 bits. */
        FLOAT,
        /** 1 for 32 bits, 0 for 16 bits. */
        HALF
    }

    final Form form;
    private final int shapes;
    final Size size;

    /** The instruction on vectors, 0 if there is none. */
    final int vector;

    /** The instruction on scalars, 0 if there is none. */
    final int scalar;

    /** The instruction whose last operand is an element, 0 if there is none. */
    final int element;

    VectorOp(Form form, int shapes, Size size, int vector) {
        this(form, shapes, size, vector, 0, 0);
    }

    VectorOp(Form form, int shapes, Size size, int vector, int scalar) {
        this(form, shapes, size, vector, scalar, 0);
    }

    VectorOp(Form form, int shapes, Size size, int vector, int scalar, int element) {
        this.form = form;
        this.shapes = shapes;
        this.size = size;
        this.vector = vector;
        this.scalar = scalar;
        this.element = element;
    }

    /**
     * Whether there is this instruction for a shape: that of the narrower operands where they differ, and of {@code to}
     * of dot products.
     */
    boolean accepts(Shape shape) {
        return shape.scalar() ? scalar != 0 && (shapes & shape.bit()) != 0 : vector != 0 && (shapes & shape.bit()) != 0;
    }

    /** Sets of shapes, one bit for each. */
    private static final class Shapes {

        static final int BYTES = set(Shape.B8, Shape.B16);
        static final int TO_16 = BYTES | set(Shape.H4, Shape.H8);
        static final int WORDS = set(Shape.S2, Shape.S4);
        static final int TO_32 = TO_16 | WORDS;
        static final int INTEGERS = TO_32 | set(Shape.D2);
        static final int LOWER = set(Shape.B8, Shape.H4, Shape.S2);
        static final int UPPER = set(Shape.B16, Shape.H8, Shape.S4);
        static final int ACROSS_LANES = TO_16 | set(Shape.S4);
        static final int SCALARS = set(Shape.S, Shape.D);
        static final int FLOATS = WORDS | set(Shape.D2) | SCALARS;
        static final int PAIRS = set(Shape.S2, Shape.D2);
        static final int LOWER_FLOATS = set(Shape.H4, Shape.S2);
        static final int UPPER_FLOATS = set(Shape.H8, Shape.S4);
        static final int HALF_TO_DOUBLE = set(Shape.H, Shape.S, Shape.D);
        static final int S4_ALONE = set(Shape.S4);
        static final int D2_ALONE = set(Shape.D2);

        private static int set(Shape... all) {
            int bits = 0;
            for (Shape shape : all) {
                bits |= shape.bit();
            }
            return bits;
        }
    }
}
