package kawi.schema;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A type without type variables and wildcards.
 *
 * @param arguments its type arguments, or the component type of an array
 * @param nullable whether it has an annotation named {@code Nullable}, from any library
 */
record JavaType(Class<?> raw, List<JavaType> arguments, boolean nullable, Limits limits) {

    /** A limit for types that expand without end, such as {@code record R<T>(List<R<List<T>>> next)}. */
    private static final int MAX_DEPTH = 40;

    /**
     * Resolves a type.
     *
     * @param annotated the same type with its annotations, if they are known
     * @param bindings the values of type variables
     * @param where the path from the root type, for messages
     */
    static JavaType of(
            Type type, @Nullable AnnotatedType annotated, Map<TypeVariable<?>, JavaType> bindings, String where) {
        JavaType plain = switch (type) {
            case Class<?> array
            when array.isArray() -> {
                var element = of(array.getComponentType(), component(annotated), bindings, where + "[]");
                yield plain(array, List.of(element.with(element.nullable, Limits.NONE)));
            }
            case GenericArrayType array -> {
                var element = of(array.getGenericComponentType(), component(annotated), bindings, where + "[]");
                yield plain(element.raw.arrayType(), List.of(element.with(element.nullable, Limits.NONE)));
            }
            case Class<?> raw -> {
                if (raw.getTypeParameters().length > 0) {
                    throw UnsupportedType.refusal(
                            where,
                            raw.getTypeName(),
                            "it needs its type arguments; as a root, write new TypeOf<%s<...>>() {}"
                                    .formatted(raw.getSimpleName()));
                }
                yield plain(raw, List.of());
            }
            case ParameterizedType parameterized -> {
                var arguments = new ArrayList<JavaType>();
                var types = parameterized.getActualTypeArguments();
                for (int i = 0; i < types.length; i++) {
                    var argument = annotated instanceof AnnotatedParameterizedType a
                            ? a.getAnnotatedActualTypeArguments()[i]
                            : null;
                    arguments.add(of(types[i], argument, bindings, where));
                }
                yield plain((Class<?>) parameterized.getRawType(), arguments);
            }
            case WildcardType wildcard -> {
                var bound = annotated instanceof AnnotatedWildcardType a ? a.getAnnotatedUpperBounds()[0] : null;
                yield of(wildcard.getUpperBounds()[0], bound, bindings, where);
            }
            case TypeVariable<?> variable -> {
                var bound = bindings.get(variable);
                if (bound == null) {
                    throw UnsupportedType.refusal(
                            where, variable.getName(), "nothing says what this type variable stands for");
                }
                yield bound;
            }
            default -> throw UnsupportedType.refusal(where, type.getTypeName(), "unknown kind of type");
        };
        if (plain.depth() > MAX_DEPTH) {
            throw UnsupportedType.refusal(
                    where, plain.raw.getTypeName(), "its type arguments are nested more than " + MAX_DEPTH + " deep");
        }
        return annotated == null
                ? plain
                : plain.with(
                        plain.nullable || saysNullable(annotated),
                        Limits.of(annotated).or(plain.limits));
    }

    private static JavaType plain(Class<?> raw, List<JavaType> arguments) {
        return new JavaType(raw, List.copyOf(arguments), false, Limits.NONE);
    }

    private static @Nullable AnnotatedType component(@Nullable AnnotatedType array) {
        return array instanceof AnnotatedArrayType a ? a.getAnnotatedGenericComponentType() : null;
    }

    /** Whether an annotation named {@code Nullable} is present: JSpecify's, or any other with run-time retention. */
    static boolean saysNullable(AnnotatedElement element) {
        for (Annotation annotation : element.getAnnotations()) {
            if (annotation.annotationType().getSimpleName().equals("Nullable")) {
                return true;
            }
        }
        return false;
    }

    JavaType with(boolean nowNullable, Limits nowLimits) {
        return new JavaType(raw, arguments, nowNullable, nowLimits);
    }

    /** The type without the annotations of its use. */
    JavaType bare() {
        return with(false, Limits.NONE);
    }

    private int depth() {
        return 1 + arguments.stream().mapToInt(JavaType::depth).max().orElse(0);
    }

    /** The values of the type variables of the class. */
    Map<TypeVariable<?>, JavaType> bindings() {
        var bindings = new HashMap<TypeVariable<?>, JavaType>();
        if (!raw.isArray()) {
            var variables = raw.getTypeParameters();
            for (int i = 0; i < variables.length; i++) {
                bindings.put(variables[i], arguments.get(i));
            }
        }
        return bindings;
    }

    /**
     * A permitted subclass of this sealed type, with its type arguments.
     *
     * @throws IllegalArgumentException if one of its variables is not determined by this type
     */
    JavaType permitted(Class<?> subclass, String where) {
        var bindings = new HashMap<TypeVariable<?>, JavaType>();
        var supertypes = new ArrayList<Type>(List.of(subclass.getGenericInterfaces()));
        if (subclass.getGenericSuperclass() != null) {
            supertypes.add(subclass.getGenericSuperclass());
        }
        for (Type supertype : supertypes) {
            if (supertype instanceof ParameterizedType parameterized && parameterized.getRawType() == raw) {
                var types = parameterized.getActualTypeArguments();
                for (int i = 0; i < types.length; i++) {
                    if (types[i] instanceof TypeVariable<?> variable) {
                        bindings.put(variable, arguments.get(i));
                    }
                }
            }
        }
        var given = new ArrayList<JavaType>();
        for (TypeVariable<?> variable : subclass.getTypeParameters()) {
            given.add(of(variable, null, bindings, where));
        }
        return plain(subclass, given);
    }

    /** The type in source notation, without packages except for the outermost name. */
    @Override
    public String toString() {
        if (raw.isArray()) {
            return arguments.getFirst() + "[]";
        }
        return arguments.isEmpty()
                ? raw.getTypeName()
                : raw.getTypeName()
                        + arguments.stream()
                                .map(argument -> argument.raw.getSimpleName())
                                .collect(Collectors.joining(", ", "<", ">"));
    }
}
