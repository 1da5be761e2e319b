package kawi.kernels.assembled.x86;

import java.lang.foreign.Arena;
import java.util.function.Consumer;
import kawi.kernels.KvFormat;
import kawi.kernels.assembled.AssembledLayout;
import kawi.kernels.assembled.Emitter;
import kawi.kernels.assembled.FloatLayout;
import kawi.kernels.assembled.QuantLayout;
import kawi.machine.MachineCode;
import kawi.quant.QuantizedFormat;

/** The machine code of the kernels for one of the x86-64 instruction sets. */
public record X86Emitter(X86Isa isa) implements Emitter {

    /** @param body emits the code between {@link KernelCode#begin} and {@link KernelCode#end} */
    static MachineCode code(X86Isa isa, Arena arena, Consumer<KernelCode> body) {
        KernelCode code = new KernelCode(isa);
        code.begin();
        body.accept(code);
        code.end();
        return code.finish(arena);
    }

    @Override
    public String label() {
        return isa.label();
    }

    @Override
    public int lanes() {
        return isa.lanes();
    }

    @Override
    public int maxTokens(AssembledLayout layout) {
        return switch (layout) {
            case QuantLayout _ -> QuantProductCode.maxTokens(isa);
            case FloatLayout _ -> FloatProductCode.maxTokens(isa);
        };
    }

    @Override
    public int groupsAtOnce(AssembledLayout layout, int tokens) {
        return switch (layout) {
            case QuantLayout _ -> QuantProductCode.groupsAtOnce(isa, tokens);
            case FloatLayout _ -> FloatProductCode.groupsAtOnce(isa, tokens);
        };
    }

    @Override
    public MachineCode product(AssembledLayout layout, int tokens, int groupsAtOnce, Arena arena) {
        return code(isa, arena, code -> {
            switch (layout) {
                case QuantLayout quant when isa == X86Isa.AVX2 -> Avx2ProductCode.emit(code, quant, tokens);
                case QuantLayout quant -> QuantProductCode.emit(code, quant, tokens, groupsAtOnce);
                case FloatLayout floats -> FloatProductCode.emit(code, floats, tokens, groupsAtOnce);
            }
        });
    }

    @Override
    public int panelUnits(AssembledLayout layout) {
        return layout instanceof QuantLayout quant ? PanelProductCode.panelUnits(isa, quant) : 0;
    }

    @Override
    public int minPanelTokens() {
        return PanelProductCode.minTokens(isa);
    }

    @Override
    public int maxPanelTokens() {
        return PanelProductCode.maxTokens(isa);
    }

    @Override
    public MachineCode panelProduct(AssembledLayout layout, int tokens, Arena arena) {
        if (panelUnits(layout) > 0 && layout instanceof QuantLayout quant) {
            return code(isa, arena, code -> PanelProductCode.emit(code, quant, tokens));
        }
        throw new IllegalArgumentException("%s has no product by panels of %s".formatted(isa.label(), layout));
    }

    @Override
    public MachineCode quantPacking(QuantLayout layout, QuantizedFormat format, Arena arena) {
        return code(isa, arena, code -> QuantPackingCode.emit(code, layout, format));
    }

    @Override
    public MachineCode integerPacking(QuantLayout layout, Arena arena) {
        return code(isa, arena, code -> IntegerPackingCode.emit(code, layout));
    }

    @Override
    public MachineCode floatPacking(FloatLayout layout, Arena arena) {
        return code(isa, arena, code -> FloatPackingCode.emit(code, layout));
    }

    @Override
    public MachineCode quantize(Arena arena) {
        return code(isa, arena, QuantizeCode::emit);
    }

    @Override
    public MachineCode rmsNorm(Arena arena) {
        return code(isa, arena, RowOperationsCode::rmsNorm);
    }

    @Override
    public MachineCode siluTimes(Arena arena) {
        return code(isa, arena, RowOperationsCode::siluTimes);
    }

    @Override
    public MachineCode add(Arena arena) {
        return code(isa, arena, RowOperationsCode::add);
    }

    @Override
    public MachineCode sum(Arena arena) {
        return code(isa, arena, RowOperationsCode::sum);
    }

    @Override
    public MachineCode layerNorm(Arena arena) {
        return code(isa, arena, BiasedRowsCode::layerNorm);
    }

    @Override
    public MachineCode addBias(Arena arena) {
        return code(isa, arena, BiasedRowsCode::addBias);
    }

    @Override
    public MachineCode addBiased(Arena arena) {
        return code(isa, arena, BiasedRowsCode::addBiased);
    }

    @Override
    public MachineCode geluTanh(Arena arena) {
        return code(isa, arena, BiasedRowsCode::geluTanh);
    }

    @Override
    public MachineCode geluErf(Arena arena) {
        return code(isa, arena, BiasedRowsCode::geluErf);
    }

    @Override
    public MachineCode attentionPreparation(KvFormat keys, KvFormat values, boolean normalized, Arena arena) {
        return code(isa, arena, code -> AttentionPreparationCode.emit(code, keys, values, normalized));
    }

    @Override
    public MachineCode attentionPage(KvFormat keys, KvFormat values, int heads, Arena arena) {
        return code(isa, arena, code -> AttentionPageCode.emit(code, keys, values, heads));
    }

    @Override
    public MachineCode hadamard(boolean back, Arena arena) {
        return code(isa, arena, code -> HadamardCode.emit(code, back));
    }

    @Override
    public MachineCode fold(Arena arena) {
        return code(isa, arena, FoldCode::emit);
    }

    @Override
    public MachineCode finish(boolean gated, Arena arena) {
        return code(isa, arena, code -> FinishCode.emit(code, gated));
    }

    @Override
    public MachineCode convolution(Arena arena) {
        return code(isa, arena, ConvolutionCode::emit);
    }

    @Override
    public MachineCode normalization(Arena arena) {
        return code(isa, arena, NormalizationCode::emit);
    }

    @Override
    public MachineCode recurrence(int vectors, boolean revocable, Arena arena) {
        return code(isa, arena, code -> RecurrenceCode.emit(code, vectors, revocable));
    }

    @Override
    public MachineCode recurrenceStep(int vectors, Arena arena) {
        return code(isa, arena, code -> RecurrenceStepCode.emit(code, vectors));
    }

    @Override
    public int maxRecurrenceVectors() {
        return RecurrenceCode.MAX_VECTORS;
    }

    @Override
    public int maxStepVectors() {
        return RecurrenceStepCode.maxVectors(isa);
    }

    @Override
    public MachineCode gatedNorm(Arena arena) {
        return code(isa, arena, GatedNormCode::emit);
    }

    @Override
    public MachineCode prefetch() {
        return PrefetchCode.ASK;
    }
}
