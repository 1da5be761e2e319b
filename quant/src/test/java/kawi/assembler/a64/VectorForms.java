package kawi.assembler.a64;

import static java.util.stream.Collectors.toMap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import kawi.assembler.Sample;

/**
 * The operands of every {@link VectorOp} as the manual's instruction pages give them, independent of how {@link
 * VectorOp} encodes them: the source of the samples that another assembler is asked about.
 */
final class VectorForms {

    /*
     * Columns: our name, the mnemonic, forms. A form is a list of operands: a shape, an element as s[], x or w for a
     * general-purpose register, an immediate with the numbers it may have as #0-7, or a constant; where several shapes
     * have the same form, T stands for one of those behind the equals sign.
     */
    private static final String TABLE = """
            ADD add T,T,T=8b/16b/4h/8h/2s/4s/2d
            SUB sub T,T,T=8b/16b/4h/8h/2s/4s/2d
            SQADD sqadd T,T,T=8b/16b/4h/8h/2s/4s/2d
            UQADD uqadd T,T,T=8b/16b/4h/8h/2s/4s/2d
            SQSUB sqsub T,T,T=8b/16b/4h/8h/2s/4s/2d
            UQSUB uqsub T,T,T=8b/16b/4h/8h/2s/4s/2d
            MUL mul T,T,T=8b/16b/4h/8h/2s/4s T,T,h[]=4h/8h T,T,s[]=2s/4s
            MLA mla T,T,T=8b/16b/4h/8h/2s/4s T,T,h[]=4h/8h T,T,s[]=2s/4s
            MLS mls T,T,T=8b/16b/4h/8h/2s/4s T,T,h[]=4h/8h T,T,s[]=2s/4s
            SMAX smax T,T,T=8b/16b/4h/8h/2s/4s
            UMAX umax T,T,T=8b/16b/4h/8h/2s/4s
            SMIN smin T,T,T=8b/16b/4h/8h/2s/4s
            UMIN umin T,T,T=8b/16b/4h/8h/2s/4s
            SABD sabd T,T,T=8b/16b/4h/8h/2s/4s
            UABD uabd T,T,T=8b/16b/4h/8h/2s/4s
            ADDP addp T,T,T=8b/16b/4h/8h/2s/4s/2d
            SSHL sshl T,T,T=8b/16b/4h/8h/2s/4s/2d
            USHL ushl T,T,T=8b/16b/4h/8h/2s/4s/2d
            AND and T,T,T=8b/16b
            BIC bic T,T,T=8b/16b
            ORR orr T,T,T=8b/16b
            ORN orn T,T,T=8b/16b
            EOR eor T,T,T=8b/16b
            BSL bsl T,T,T=8b/16b
            BIT bit T,T,T=8b/16b
            BIF bif T,T,T=8b/16b
            CMGT cmgt T,T,T=8b/16b/4h/8h/2s/4s/2d
            CMGE cmge T,T,T=8b/16b/4h/8h/2s/4s/2d
            CMHI cmhi T,T,T=8b/16b/4h/8h/2s/4s/2d
            CMHS cmhs T,T,T=8b/16b/4h/8h/2s/4s/2d
            CMTST cmtst T,T,T=8b/16b/4h/8h/2s/4s/2d
            CMEQ cmeq T,T,T=8b/16b/4h/8h/2s/4s/2d
            CMGT_ZERO cmgt T,T,#0=8b/16b/4h/8h/2s/4s/2d
            CMGE_ZERO cmge T,T,#0=8b/16b/4h/8h/2s/4s/2d
            CMEQ_ZERO cmeq T,T,#0=8b/16b/4h/8h/2s/4s/2d
            CMLE_ZERO cmle T,T,#0=8b/16b/4h/8h/2s/4s/2d
            CMLT_ZERO cmlt T,T,#0=8b/16b/4h/8h/2s/4s/2d
            ABS abs T,T=8b/16b/4h/8h/2s/4s/2d
            NEG neg T,T=8b/16b/4h/8h/2s/4s/2d
            CNT cnt T,T=8b/16b
            NOT mvn T,T=8b/16b
            REV16 rev16 T,T=8b/16b
            REV32 rev32 T,T=8b/16b/4h/8h
            REV64 rev64 T,T=8b/16b/4h/8h/2s/4s
            SADDL saddl 8h,8b,8b 4s,4h,4h 2d,2s,2s
            SADDL2 saddl2 8h,16b,16b 4s,8h,8h 2d,4s,4s
            UADDL uaddl 8h,8b,8b 4s,4h,4h 2d,2s,2s
            UADDL2 uaddl2 8h,16b,16b 4s,8h,8h 2d,4s,4s
            SSUBL ssubl 8h,8b,8b 4s,4h,4h 2d,2s,2s
            SSUBL2 ssubl2 8h,16b,16b 4s,8h,8h 2d,4s,4s
            USUBL usubl 8h,8b,8b 4s,4h,4h 2d,2s,2s
            USUBL2 usubl2 8h,16b,16b 4s,8h,8h 2d,4s,4s
            SABDL sabdl 8h,8b,8b 4s,4h,4h 2d,2s,2s
            SABDL2 sabdl2 8h,16b,16b 4s,8h,8h 2d,4s,4s
            UABDL uabdl 8h,8b,8b 4s,4h,4h 2d,2s,2s
            UABDL2 uabdl2 8h,16b,16b 4s,8h,8h 2d,4s,4s
            SMULL smull 8h,8b,8b 4s,4h,4h 2d,2s,2s 4s,4h,h[] 2d,2s,s[]
            SMULL2 smull2 8h,16b,16b 4s,8h,8h 2d,4s,4s 4s,8h,h[] 2d,4s,s[]
            UMULL umull 8h,8b,8b 4s,4h,4h 2d,2s,2s 4s,4h,h[] 2d,2s,s[]
            UMULL2 umull2 8h,16b,16b 4s,8h,8h 2d,4s,4s 4s,8h,h[] 2d,4s,s[]
            SMLAL smlal 8h,8b,8b 4s,4h,4h 2d,2s,2s 4s,4h,h[] 2d,2s,s[]
            SMLAL2 smlal2 8h,16b,16b 4s,8h,8h 2d,4s,4s 4s,8h,h[] 2d,4s,s[]
            UMLAL umlal 8h,8b,8b 4s,4h,4h 2d,2s,2s 4s,4h,h[] 2d,2s,s[]
            UMLAL2 umlal2 8h,16b,16b 4s,8h,8h 2d,4s,4s 4s,8h,h[] 2d,4s,s[]
            SMLSL smlsl 8h,8b,8b 4s,4h,4h 2d,2s,2s 4s,4h,h[] 2d,2s,s[]
            SMLSL2 smlsl2 8h,16b,16b 4s,8h,8h 2d,4s,4s 4s,8h,h[] 2d,4s,s[]
            UMLSL umlsl 8h,8b,8b 4s,4h,4h 2d,2s,2s 4s,4h,h[] 2d,2s,s[]
            UMLSL2 umlsl2 8h,16b,16b 4s,8h,8h 2d,4s,4s 4s,8h,h[] 2d,4s,s[]
            SADDW saddw 8h,8h,8b 4s,4s,4h 2d,2d,2s
            SADDW2 saddw2 8h,8h,16b 4s,4s,8h 2d,2d,4s
            UADDW uaddw 8h,8h,8b 4s,4s,4h 2d,2d,2s
            UADDW2 uaddw2 8h,8h,16b 4s,4s,8h 2d,2d,4s
            SSUBW ssubw 8h,8h,8b 4s,4s,4h 2d,2d,2s
            SSUBW2 ssubw2 8h,8h,16b 4s,4s,8h 2d,2d,4s
            USUBW usubw 8h,8h,8b 4s,4s,4h 2d,2d,2s
            USUBW2 usubw2 8h,8h,16b 4s,4s,8h 2d,2d,4s
            SADDLP saddlp 4h,8b 8h,16b 2s,4h 4s,8h 1d,2s 2d,4s
            UADDLP uaddlp 4h,8b 8h,16b 2s,4h 4s,8h 1d,2s 2d,4s
            SADALP sadalp 4h,8b 8h,16b 2s,4h 4s,8h 1d,2s 2d,4s
            UADALP uadalp 4h,8b 8h,16b 2s,4h 4s,8h 1d,2s 2d,4s
            XTN xtn 8b,8h 4h,4s 2s,2d
            XTN2 xtn2 16b,8h 8h,4s 4s,2d
            SQXTN sqxtn 8b,8h 4h,4s 2s,2d
            SQXTN2 sqxtn2 16b,8h 8h,4s 4s,2d
            UQXTN uqxtn 8b,8h 4h,4s 2s,2d
            UQXTN2 uqxtn2 16b,8h 8h,4s 4s,2d
            SQXTUN sqxtun 8b,8h 4h,4s 2s,2d
            SQXTUN2 sqxtun2 16b,8h 8h,4s 4s,2d
            ADDV addv b,8b b,16b h,4h h,8h s,4s
            SMAXV smaxv b,8b b,16b h,4h h,8h s,4s
            UMAXV umaxv b,8b b,16b h,4h h,8h s,4s
            SMINV sminv b,8b b,16b h,4h h,8h s,4s
            UMINV uminv b,8b b,16b h,4h h,8h s,4s
            SADDLV saddlv h,8b h,16b s,4h s,8h d,4s
            UADDLV uaddlv h,8b h,16b s,4h s,8h d,4s
            ADDP_SCALAR addp d,2d
            SHL shl T,T,#0-7=8b/16b T,T,#0-15=4h/8h T,T,#0-31=2s/4s 2d,2d,#0-63
            SLI sli T,T,#0-7=8b/16b T,T,#0-15=4h/8h T,T,#0-31=2s/4s 2d,2d,#0-63
            SSHR sshr T,T,#1-8=8b/16b T,T,#1-16=4h/8h T,T,#1-32=2s/4s 2d,2d,#1-64
            USHR ushr T,T,#1-8=8b/16b T,T,#1-16=4h/8h T,T,#1-32=2s/4s 2d,2d,#1-64
            SSRA ssra T,T,#1-8=8b/16b T,T,#1-16=4h/8h T,T,#1-32=2s/4s 2d,2d,#1-64
            USRA usra T,T,#1-8=8b/16b T,T,#1-16=4h/8h T,T,#1-32=2s/4s 2d,2d,#1-64
            SRSHR srshr T,T,#1-8=8b/16b T,T,#1-16=4h/8h T,T,#1-32=2s/4s 2d,2d,#1-64
            URSHR urshr T,T,#1-8=8b/16b T,T,#1-16=4h/8h T,T,#1-32=2s/4s 2d,2d,#1-64
            SRI sri T,T,#1-8=8b/16b T,T,#1-16=4h/8h T,T,#1-32=2s/4s 2d,2d,#1-64
            SSHLL sshll 8h,8b,#1-7 4s,4h,#1-15 2d,2s,#1-31
            SSHLL2 sshll2 8h,16b,#1-7 4s,8h,#1-15 2d,4s,#1-31
            USHLL ushll 8h,8b,#1-7 4s,4h,#1-15 2d,2s,#1-31
            USHLL2 ushll2 8h,16b,#1-7 4s,8h,#1-15 2d,4s,#1-31
            SHRN shrn 8b,8h,#1-8 4h,4s,#1-16 2s,2d,#1-32
            SHRN2 shrn2 16b,8h,#1-8 8h,4s,#1-16 4s,2d,#1-32
            RSHRN rshrn 8b,8h,#1-8 4h,4s,#1-16 2s,2d,#1-32
            RSHRN2 rshrn2 16b,8h,#1-8 8h,4s,#1-16 4s,2d,#1-32
            SQSHRN sqshrn 8b,8h,#1-8 4h,4s,#1-16 2s,2d,#1-32
            SQSHRN2 sqshrn2 16b,8h,#1-8 8h,4s,#1-16 4s,2d,#1-32
            SQRSHRN sqrshrn 8b,8h,#1-8 4h,4s,#1-16 2s,2d,#1-32
            SQRSHRN2 sqrshrn2 16b,8h,#1-8 8h,4s,#1-16 4s,2d,#1-32
            SQSHRUN sqshrun 8b,8h,#1-8 4h,4s,#1-16 2s,2d,#1-32
            SQSHRUN2 sqshrun2 16b,8h,#1-8 8h,4s,#1-16 4s,2d,#1-32
            SDOT sdot 2s,8b,8b 4s,16b,16b 2s,8b,4b[] 4s,16b,4b[]
            UDOT udot 2s,8b,8b 4s,16b,16b 2s,8b,4b[] 4s,16b,4b[]
            SMMLA smmla 4s,16b,16b
            UZP1 uzp1 T,T,T=8b/16b/4h/8h/2s/4s/2d
            UZP2 uzp2 T,T,T=8b/16b/4h/8h/2s/4s/2d
            TRN1 trn1 T,T,T=8b/16b/4h/8h/2s/4s/2d
            TRN2 trn2 T,T,T=8b/16b/4h/8h/2s/4s/2d
            ZIP1 zip1 T,T,T=8b/16b/4h/8h/2s/4s/2d
            ZIP2 zip2 T,T,T=8b/16b/4h/8h/2s/4s/2d
            EXT ext 8b,8b,8b,#0-7 16b,16b,16b,#0-15
            FADD fadd T,T,T=2s/4s/2d/s/d
            FSUB fsub T,T,T=2s/4s/2d/s/d
            FMUL fmul T,T,T=2s/4s/2d/s/d T,T,s[]=2s/4s/s T,T,d[]=2d/d
            FDIV fdiv T,T,T=2s/4s/2d/s/d
            FMLA fmla T,T,T=2s/4s/2d T,T,s[]=2s/4s/s T,T,d[]=2d/d
            FMLS fmls T,T,T=2s/4s/2d T,T,s[]=2s/4s/s T,T,d[]=2d/d
            FMAX fmax T,T,T=2s/4s/2d/s/d
            FMIN fmin T,T,T=2s/4s/2d/s/d
            FMAXNM fmaxnm T,T,T=2s/4s/2d/s/d
            FMINNM fminnm T,T,T=2s/4s/2d/s/d
            FABD fabd T,T,T=2s/4s/2d
            FADDP faddp T,T,T=2s/4s/2d
            FMAXP fmaxp T,T,T=2s/4s/2d
            FMINP fminp T,T,T=2s/4s/2d
            FADDP_SCALAR faddp s,2s d,2d
            FMAXP_SCALAR fmaxp s,2s d,2d
            FMINP_SCALAR fminp s,2s d,2d
            FMAXV fmaxv s,4s
            FMINV fminv s,4s
            FMAXNMV fmaxnmv s,4s
            FMINNMV fminnmv s,4s
            FCMEQ fcmeq T,T,T=2s/4s/2d/s/d
            FCMGE fcmge T,T,T=2s/4s/2d/s/d
            FCMGT fcmgt T,T,T=2s/4s/2d/s/d
            FCMGT_ZERO fcmgt T,T,#0.0=2s/4s/2d/s/d
            FCMGE_ZERO fcmge T,T,#0.0=2s/4s/2d/s/d
            FCMEQ_ZERO fcmeq T,T,#0.0=2s/4s/2d/s/d
            FCMLE_ZERO fcmle T,T,#0.0=2s/4s/2d/s/d
            FCMLT_ZERO fcmlt T,T,#0.0=2s/4s/2d/s/d
            FABS fabs T,T=2s/4s/2d/s/d
            FNEG fneg T,T=2s/4s/2d/s/d
            FSQRT fsqrt T,T=2s/4s/2d/s/d
            FRINTN frintn T,T=2s/4s/2d/s/d
            FRINTP frintp T,T=2s/4s/2d/s/d
            FRINTM frintm T,T=2s/4s/2d/s/d
            FRINTZ frintz T,T=2s/4s/2d/s/d
            FRINTA frinta T,T=2s/4s/2d/s/d
            FCVTNS fcvtns T,T=2s/4s/2d/s/d w,s x,d
            FCVTMS fcvtms T,T=2s/4s/2d/s/d w,s x,d
            FCVTPS fcvtps T,T=2s/4s/2d/s/d w,s x,d
            FCVTZS fcvtzs T,T=2s/4s/2d/s/d w,s x,d
            FCVTAS fcvtas T,T=2s/4s/2d/s/d w,s x,d
            SCVTF scvtf T,T=2s/4s/2d/s/d s,w d,x
            SCVTF_FIXED scvtf T,T,#1-32=2s/4s
            FCVTZS_FIXED fcvtzs T,T,#1-32=2s/4s
            UCVTF ucvtf T,T=2s/4s/2d/s/d s,w d,x
            FCVTL fcvtl 4s,4h 2d,2s
            FCVTL2 fcvtl2 4s,8h 2d,4s
            FCVTN fcvtn 4h,4s 2s,2d
            FCVTN2 fcvtn2 8h,4s 4s,2d
            FCVT fcvt s,h d,h h,s d,s h,d s,d
            FNMUL fnmul T,T,T=s/d
            FMADD fmadd T,T,T,T=s/d
            FMSUB fmsub T,T,T,T=s/d
            FNMADD fnmadd T,T,T,T=s/d
            FNMSUB fnmsub T,T,T,T=s/d
            """;

    private static final Map<String, VectorForms> ALL =
            TABLE.lines().map(VectorForms::new).collect(toMap(form -> form.op, form -> form));

    private final String op;
    private final String mnemonic;

    /** Lists of operands. */
    private final List<List<String>> forms = new ArrayList<>();

    private VectorForms(String line) {
        String[] columns = line.split(" +", -1);
        op = columns[0];
        mnemonic = columns[1];
        for (int i = 2; i < columns.length; i++) {
            String[] sides = columns[i].split("=", -1);
            for (String shape : sides[sides.length - 1].split("/", -1)) {
                forms.add(Arrays.stream(sides[0].split(",", -1))
                        .map(operand -> operand.equals("T") ? shape : operand)
                        .toList());
            }
        }
    }

    static VectorForms of(VectorOp op) {
        VectorForms forms = ALL.get(op.name());
        if (forms == null) {
            throw new AssertionError(
                    "%s has no line in the table of VectorForms: add its operands as the manual gives them"
                            .formatted(op));
        }
        return forms;
    }

    /** The lists of operands, as in the table. */
    List<List<String>> forms() {
        return forms;
    }

    /**
     * One sample for each form.
     *
     * @param choice a number from 0 on and below its argument
     */
    List<Sample> samples(IntUnaryOperator choice) {
        return forms.stream().map(form -> sample(form, choice)).toList();
    }

    private Sample sample(List<String> form, IntUnaryOperator choice) {
        List<Object> operands = new ArrayList<>();
        StringBuilder text = new StringBuilder(mnemonic);
        String separator = " ";
        for (String kind : form) {
            Object operand = operand(kind, choice);
            operands.add(operand);
            String register = operand instanceof Gp gp ? kind.equals("x") ? Samples.x(gp) : Samples.w(gp) : "";
            text.append(separator)
                    .append(
                            operand instanceof Gp
                                    ? register
                                    : operand instanceof Integer ? "#" + operand : operand.toString());
            separator = ",";
        }
        VectorOp vectorOp = VectorOp.valueOf(op);
        return Samples.of(text.toString(), a -> call(a, vectorOp, operands));
    }

    private static Object operand(String kind, IntUnaryOperator choice) {
        if (kind.startsWith("#")) {
            String[] bounds = kind.substring(1).split("-", -1);
            if (bounds.length == 1) {
                return kind;
            }
            int least = Integer.parseInt(bounds[0]);
            return least + choice.applyAsInt(Integer.parseInt(bounds[1]) - least + 1);
        }
        return switch (kind) {
            case "x", "w" -> GeneralForms.register(choice);
            case "b[]" -> Vec.v(choice.applyAsInt(32)).b(choice.applyAsInt(16));
            case "h[]" -> Vec.v(choice.applyAsInt(16)).h(choice.applyAsInt(8));
            case "s[]" -> Vec.v(choice.applyAsInt(32)).s(choice.applyAsInt(4));
            case "d[]" -> Vec.v(choice.applyAsInt(32)).d(choice.applyAsInt(2));
            case "4b[]" -> Vec.v(choice.applyAsInt(32)).b4(choice.applyAsInt(4));
            default -> Vec.v(choice.applyAsInt(32)).as(shape(kind));
        };
    }

    static Shape shape(String text) {
        return Arrays.stream(Shape.values())
                .filter(shape -> shape.text().equals(text))
                .findFirst()
                .orElseThrow();
    }

    /** Calls the method for these operands; a constant, which is a text, belongs to the instruction. */
    private static void call(Assembler a, VectorOp op, List<Object> all) {
        List<Object> o =
                all.stream().filter(operand -> !(operand instanceof String)).toList();
        if (o.getFirst() instanceof Gp to) {
            a.op(op, to, (Vec) o.get(1));
            return;
        }
        Vec to = (Vec) o.getFirst();
        if (o.get(1) instanceof Gp from) {
            a.op(op, to, from);
            return;
        }
        Vec first = (Vec) o.get(1);
        if (o.size() == 2) {
            a.op(op, to, first);
        } else if (o.get(2) instanceof Element element) {
            a.op(op, to, first, element);
        } else if (o.get(2) instanceof Integer count) {
            a.op(op, to, first, count);
        } else if (o.size() == 3) {
            a.op(op, to, first, (Vec) o.get(2));
        } else if (o.get(3) instanceof Integer index) {
            a.op(op, to, first, (Vec) o.get(2), index);
        } else {
            a.op(op, to, first, (Vec) o.get(2), (Vec) o.get(3));
        }
    }
}
