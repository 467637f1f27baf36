// SPDX-License-Identifier: Apache-2.0
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.sql.Connection;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Prints StubConnection.java: a plain class, since calls through a dynamic proxy would be counted against HikariCP. */
public final class StubConnectionWriter {
    private StubConnectionWriter() {}

    private static String answer(Method method) {
        Class<?> type = method.getReturnType();
        if (type == void.class) return "";
        if (type == boolean.class) {
            return "return " + (method.getName().equals("isValid") || method.getName().equals("getAutoCommit")) + ";";
        }
        return type.isPrimitive() ? "return 0;" : "return null;";
    }

    private static String parameter(Parameter parameter) {
        return parameter.getType().getCanonicalName() + " " + parameter.getName();
    }

    public static void main(String[] arguments) {
        System.out.println("@SuppressWarnings({\"rawtypes\", \"unchecked\"})");
        System.out.println("public final class StubConnection implements java.sql.Connection {");
        for (Method method : Connection.class.getMethods()) {
            if (Modifier.isStatic(method.getModifiers()) || method.isDefault()) continue;
            String parameters =
                Arrays.stream(method.getParameters()).map(StubConnectionWriter::parameter).collect(Collectors.joining(", "));
            System.out.printf("    public %s %s(%s) { %s }%n", method.getReturnType().getCanonicalName(), method.getName(),
                parameters, answer(method));
        }
        System.out.println("}");
    }
}
