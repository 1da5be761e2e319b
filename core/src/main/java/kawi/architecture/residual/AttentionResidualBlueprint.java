package kawi.architecture.residual;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.architecture.RequestedScaling;
import kawi.architecture.ResidualStream;
import kawi.architecture.SizeCheck;
import kawi.architecture.Stack;
import kawi.checkpoint.Checkpoint;
import kawi.checkpoint.HuggingFaceCheckpoint;
import kawi.checkpoint.JsonFile;
import kawi.compute.Compute;
import kawi.kernels.KvFormats;
import kawi.quant.Tensor;

/**
 * A model of any family whose checkpoint has attention residuals, under the names of Kimi K3: the key
 * {@code attn_res_block_size}, in decoder layers, and the tensors {@code layers.{i}.self_attention_res_proj}, {@code
 * layers.{i}.mlp_res_proj} and {@code output_attn_res_proj}, each with the weight of its norm. The norms' epsilon is
 * {@code attn_res_eps} if present, otherwise {@code rms_norm_eps}.
 */
public final class AttentionResidualBlueprint implements Blueprint {

    private static final String BLOCK_SIZE = "attn_res_block_size";
    private static final String OUTPUT = "output_attn_res";
    private static final int SUB_LAYERS = 2;

    private final Blueprint family;
    private final AttentionResiduals residuals;
    private final String file;

    /** @param file the name of the checkpoint, for messages */
    public AttentionResidualBlueprint(Blueprint family, AttentionResiduals residuals, String file) {
        this.family = family;
        this.residuals = residuals;
        this.file = file;
    }

    /**
     * {@code family} with the attention residuals that {@code checkpoint} has, or {@code family} itself if it has none.
     *
     * @throws ModelFileException if the checkpoint's configuration requires them and tensors are missing
     */
    public static Blueprint of(Checkpoint checkpoint, Blueprint family) {
        if (!(checkpoint instanceof HuggingFaceCheckpoint folder)) {
            return family;
        }
        JsonFile config = folder.textConfig();
        int blockLayers = config.integer(BLOCK_SIZE, 0);
        if (blockLayers == 0) {
            return family;
        }
        SizeCheck check = new SizeCheck(config.where());
        check.size(BLOCK_SIZE, blockLayers);
        float eps = (float) config.number("attn_res_eps", config.number("rms_norm_eps"));
        check.epsilon(eps);
        float[][] weights = weights(folder);
        return new AttentionResidualBlueprint(
                family, new AttentionResiduals(SUB_LAYERS * blockLayers, weights, eps), folder.name());
    }

    private static float[][] weights(HuggingFaceCheckpoint folder) {
        String suffix = OUTPUT + "_proj.weight";
        Optional<String> output = folder.tensorNames().stream()
                .filter(name -> name.endsWith(suffix))
                .findFirst();
        if (output.isEmpty()) {
            throw new ModelFileException("%s: key %s asks for attention residuals, but there is no tensor %s"
                    .formatted(folder.name(), BLOCK_SIZE, suffix));
        }
        String prefix = output.get().substring(0, output.get().length() - suffix.length());
        List<float[]> weights = new ArrayList<>();
        String layer = prefix + "layers.0.";
        for (int i = 0; folder.hasTensor(layer + "self_attention_res_proj.weight"); i++) {
            weights.add(weight(folder, layer + "self_attention_res"));
            weights.add(weight(folder, layer + "mlp_res"));
            layer = prefix + "layers." + (i + 1) + ".";
        }
        weights.add(weight(folder, prefix + OUTPUT));
        return weights.toArray(float[][]::new);
    }

    /** The query times the norm's weight, element by element. */
    private static float[] weight(HuggingFaceCheckpoint folder, String name) {
        float[] query = folder.tensor(name + "_proj.weight").toFloats();
        float[] norm = folder.vector(name + "_norm.weight", query.length);
        for (int i = 0; i < query.length; i++) {
            query[i] *= norm[i];
        }
        return query;
    }

    @Override
    public Stack.Parts declare(Compute compute, KvFormats kvFormat, Arena arena) {
        Stack.Parts parts = family.declare(compute, kvFormat, arena);
        if (residuals.subLayers() != SUB_LAYERS * parts.layers().size()) {
            throw new ModelFileException("%s: attention residuals for %d sub-layers, but %d layers have %d"
                    .formatted(
                            file,
                            residuals.subLayers(),
                            parts.layers().size(),
                            SUB_LAYERS * parts.layers().size()));
        }
        for (float[] weight : residuals.weights()) {
            if (weight.length != parts.embedding().columns()) {
                throw new ModelFileException("%s: attention residuals of %d channels, but the hidden size is %d"
                        .formatted(file, weight.length, parts.embedding().columns()));
            }
        }
        return parts;
    }

    @Override
    public Blueprint scaled(RequestedScaling scaling) {
        return new AttentionResidualBlueprint(family.scaled(scaling), residuals, file);
    }

    @Override
    public ResidualStream.Scheme residuals() {
        return residuals;
    }

    @Override
    public String family() {
        return family.family();
    }

    @Override
    public Map<String, Object> sizes() {
        Map<String, Object> sizes = new LinkedHashMap<>(family.sizes());
        sizes.put(BLOCK_SIZE, residuals.blockSize() / SUB_LAYERS);
        return sizes;
    }

    @Override
    public long parameters() {
        long parameters = family.parameters();
        for (float[] weight : residuals.weights()) {
            parameters += 2L * weight.length;
        }
        return parameters;
    }

    @Override
    public List<Tensor> tensors() {
        return family.tensors();
    }

    @Override
    public int vocabularySize() {
        return family.vocabularySize();
    }

    @Override
    public int hiddenSize() {
        return family.hiddenSize();
    }

    @Override
    public int contextLength() {
        return family.contextLength();
    }

    @Override
    public StateSize stateSize(int length, KvFormats kvFormat) {
        return family.stateSize(length, kvFormat);
    }

    @Override
    public List<String> unusedParts() {
        return family.unusedParts();
    }
}
