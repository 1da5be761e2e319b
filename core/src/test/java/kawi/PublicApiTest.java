package kawi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.Target;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What programs can use is what {@code public-api.txt} says, so nobody changes it without noticing. */
class PublicApiTest {

    private static final Path FILE = Path.of("src/test/resources/kawi/public-api.txt");

    /** A class of each package that everybody can use; the package is searched where that class came from. */
    private static final List<Class<?>> PACKAGES = List.of(Model.class);

    private static final Set<String> OF_EVERY_OBJECT = Set.of("equals", "hashCode", "toString");

    /** Packages whose classes everybody knows, and ours. */
    private static final Pattern KNOWN_PACKAGE = Pattern.compile(
            "\\b(java\\.lang(\\.annotation)?|java\\.util|java\\.util\\.(function|stream)|java\\.nio\\.file|kawi)\\.(?=[A-Z])");

    @Test
    void nothingHasChangedUnnoticed() throws IOException, URISyntaxException {
        StringBuilder api = new StringBuilder();
        for (Class<?> anchor : PACKAGES) {
            for (Class<?> type : types(anchor)) {
                api.append(api.isEmpty() ? "" : "\n");
                describe(type, api);
            }
        }
        if (Boolean.getBoolean("kawi.api.update")) {
            Files.writeString(FILE, api);
        }
        assertEquals(
                Files.readString(FILE),
                api.toString(),
                "the public API is not what " + FILE
                        + " says; if that is meant, run this test with -Dkawi.api.update=true and commit the file");
    }

    @Test
    void thePackagesAreThoseThatTheModulesExport() {
        Set<String> exported = PACKAGES.stream()
                .map(Class::getModule)
                .filter(Module::isNamed)
                .flatMap(module -> module.getDescriptor().exports().stream())
                .filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
        // On a class path there are no modules to ask.
        if (!exported.isEmpty()) {
            assertEquals(PACKAGES.stream().map(Class::getPackageName).collect(Collectors.toSet()), exported);
        }
    }

    /** The types of a package that can be seen from outside, sorted by name. */
    private static List<Class<?>> types(Class<?> anchor) throws IOException, URISyntaxException {
        Path place = Path.of(
                anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(place)) {
            return types(anchor, place);
        }
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
            return types(anchor, jar.getPath("/"));
        }
    }

    private static List<Class<?>> types(Class<?> anchor, Path root) throws IOException {
        String prefix = anchor.getPackageName() + ".";
        try (Stream<Path> files =
                Files.list(root.resolve(anchor.getPackageName().replace('.', '/')))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".class") && !file.equals("package-info.class"))
                    .map(file -> prefix + file.substring(0, file.length() - ".class".length()))
                    .<Class<?>>map(name -> load(name, anchor))
                    .filter(PublicApiTest::isVisible)
                    .sorted(Comparator.comparing(Class::getName))
                    .toList();
        }
    }

    private static Class<?> load(String name, Class<?> anchor) {
        try {
            return Class.forName(name, false, anchor.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isVisible(Class<?> type) {
        if (type.isAnonymousClass() || type.isLocalClass()) {
            return false;
        }
        Class<?> outer = type.getEnclosingClass();
        return isVisible(type.getModifiers()) && (outer == null || isVisible(outer));
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static void describe(Class<?> type, StringBuilder out) {
        out.append(heading(type)).append('\n');
        members(type).stream()
                .sorted()
                .forEach(member -> out.append("    ").append(member).append('\n'));
    }

    private static String heading(Class<?> type) {
        List<String> words = new ArrayList<>();
        for (Class<?> annotation : List.of(Target.class, Retention.class)) {
            Arrays.stream(type.getAnnotations())
                    .filter(present -> present.annotationType() == annotation)
                    .forEach(present -> words.add(readable(present.toString())));
        }
        int modifiers = type.getModifiers();
        if (type.isEnum() || type.isRecord()) {
            modifiers &= ~Modifier.FINAL;
        }
        if (type.isInterface()) {
            modifiers &= ~Modifier.ABSTRACT;
        }
        if (type.isMemberClass() && (type.isEnum() || type.isRecord() || type.isInterface())) {
            modifiers &= ~Modifier.STATIC;
        }
        words.add(Modifier.toString(modifiers & ~Modifier.INTERFACE));
        if (type.isSealed()) {
            words.add("sealed");
        }
        words.add(
                type.isAnnotation()
                        ? "@interface"
                        : type.isInterface()
                                ? "interface"
                                : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class");
        String name = type.getName().replace('$', '.') + variables(type.getTypeParameters());
        words.add(
                type.isRecord()
                        ? Arrays.stream(type.getRecordComponents())
                                .map(component -> readable(component.getGenericType()) + " " + component.getName())
                                .collect(Collectors.joining(", ", name + "(", ")"))
                        : name);
        Type above = type.getGenericSuperclass();
        if (above != null && above != Object.class && !type.isEnum() && !type.isRecord()) {
            words.add("extends " + readable(above));
        }
        list(type.isInterface() ? "extends" : "implements", type.getGenericInterfaces(), words);
        if (type.isSealed()) {
            list("permits", type.getPermittedSubclasses(), words);
        }
        return words.stream().filter(word -> !word.isEmpty()).collect(Collectors.joining(" "));
    }

    private static void list(String word, Type[] types, List<String> words) {
        if (types.length > 0 && types[0] != java.lang.annotation.Annotation.class) {
            words.add(word + " "
                    + Arrays.stream(types).map(PublicApiTest::readable).collect(Collectors.joining(", ")));
        }
    }

    private static List<String> members(Class<?> type) {
        List<String> members = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (isOffered(field, type)) {
                members.add(field.isEnumConstant() ? field.getName() : describe(field));
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isOffered(constructor, type) && !isCanonical(constructor)) {
                members.add(describe(constructor, type.getSimpleName()));
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isOffered(method, type) && !isImplied(method)) {
                members.add(describe(method));
            }
        }
        return members;
    }

    private static boolean isOffered(Member member, Class<?> type) {
        int modifiers = member.getModifiers();
        return !member.isSynthetic()
                && (Modifier.isPublic(modifiers)
                        || (Modifier.isProtected(modifiers) && !Modifier.isFinal(type.getModifiers())));
    }

    private static boolean isCanonical(Constructor<?> constructor) {
        Class<?> type = constructor.getDeclaringClass();
        return type.isRecord()
                && Arrays.equals(
                        Arrays.stream(type.getRecordComponents())
                                .map(component -> component.getType())
                                .toArray(),
                        constructor.getParameterTypes());
    }

    /** What comes with every object, every enum, or a record's components. */
    private static boolean isImplied(Method method) {
        Class<?> type = method.getDeclaringClass();
        return OF_EVERY_OBJECT.contains(method.getName())
                || (type.isEnum()
                        && (method.getName().equals("values")
                                || method.getName().equals("valueOf")))
                || (type.isRecord()
                        && method.getParameterCount() == 0
                        && Arrays.stream(type.getRecordComponents())
                                .anyMatch(component -> component.getName().equals(method.getName())));
    }

    private static String describe(Field field) {
        String declaration = "%s %s %s"
                .formatted(Modifier.toString(field.getModifiers()), readable(field.getGenericType()), field.getName());
        boolean constant = Modifier.isStatic(field.getModifiers())
                && Modifier.isFinal(field.getModifiers())
                && (field.getType().isPrimitive() || field.getType() == String.class);
        try {
            return constant ? declaration + " = " + field.get(null) : declaration;
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static String describe(Executable executable, String name) {
        String parameters = Arrays.stream(executable.getParameters())
                .map(parameter -> type(parameter, executable))
                .collect(Collectors.joining(", ", name + "(", ")"));
        String exceptions = Arrays.stream(executable.getGenericExceptionTypes())
                .map(PublicApiTest::readable)
                .collect(Collectors.joining(", "));
        return words(
                Modifier.toString(executable.getModifiers() & Modifier.methodModifiers()),
                variables(executable.getTypeParameters()),
                executable instanceof Method method ? readable(method.getGenericReturnType()) : "",
                exceptions.isEmpty() ? parameters : parameters + " throws " + exceptions);
    }

    private static String type(Parameter parameter, Executable executable) {
        String type = readable(parameter.getParameterizedType());
        return executable.isVarArgs() && parameter.isVarArgs() ? type.substring(0, type.length() - 2) + "..." : type;
    }

    private static String describe(Method method) {
        Object standard = method.getDefaultValue();
        String declaration = describe((Executable) method, method.getName());
        return standard == null
                ? (method.isDefault() ? "default " : "") + declaration
                : "%s default %s"
                        .formatted(declaration, standard instanceof String ? "\"" + standard + "\"" : standard);
    }

    private static String variables(TypeVariable<?>[] variables) {
        return variables.length == 0
                ? ""
                : Arrays.stream(variables)
                        .map(variable -> Arrays.stream(variable.getBounds())
                                .filter(bound -> bound != Object.class)
                                .map(PublicApiTest::readable)
                                .reduce((a, b) -> a + " & " + b)
                                .map(bounds -> variable.getName() + " extends " + bounds)
                                .orElse(variable.getName()))
                        .collect(Collectors.joining(", ", "<", ">"));
    }

    private static String readable(Type type) {
        return readable(type.getTypeName());
    }

    private static String readable(String name) {
        return KNOWN_PACKAGE.matcher(name.replace('$', '.')).replaceAll("");
    }

    private static String words(String... words) {
        return Arrays.stream(words).filter(word -> !word.isEmpty()).collect(Collectors.joining(" "));
    }
}
