@echo off
rem The kawi command, run from a source checkout: finds a JDK, builds when the sources differ from those of the last
rem build, then runs Java. The script "kawi" does the same on other systems.
rem
rem   KAWI_JAVA_OPTIONS   further options for the Java process, separated by spaces
rem   kawi --print-jdk    prints the JDK that would be used, and nothing else

setlocal EnableExtensions DisableDelayedExpansion
set "OLDEST_JDK=25"
set "ROOT=%~dp0"
set "CLI=%ROOT%examples\cli\target"
set "OUT=%ROOT%target"
set "LOG=%OUT%\kawi-build.log"
rem STAMP exists after a successful build. BEGUN exists while a build runs, and after an interrupted one.
set "STAMP=%OUT%\kawi-built"
set "BEGUN=%OUT%\kawi-begun"
set "LOCK=%OUT%\kawi-lock"
rem A copy of the sources of the last build; robocopy compares it with the current sources.
set "BUILT_FROM=%OUT%\kawi-sources"
rem The JVM's AOT cache, which is valid for one JDK and one set of jars. TRAINED contains the JDK that created it, and
rem exists also if the cache could not be created.
set "CACHE=%OUT%\kawi.aot"
set "TRAINED=%OUT%\kawi-trained"
set "NOT_SOURCES=/xd .git .idea .vscode target test provenance /xf *.md"

rem ---- a JDK

set "JDK="
call :try "%JAVA_HOME%"
if not defined JDK for /f "delims=" %%J in ('where java 2^>nul') do if not defined JDK call :try "%%~dpJ.."
if not defined JDK for /d %%D in (
    "%ProgramFiles%\Java\*"
    "%ProgramFiles%\Eclipse Adoptium\*"
    "%ProgramFiles%\Microsoft\*"
    "%ProgramFiles%\Zulu\*"
    "%ProgramFiles%\Amazon Corretto\*"
    "%ProgramFiles%\BellSoft\*"
    "%LOCALAPPDATA%\Programs\Eclipse Adoptium\*"
    "%USERPROFILE%\.jdks\*"
    "%USERPROFILE%\.gradle\jdks\*"
) do if not defined JDK call :try "%%~D"
if not defined JDK for /d %%D in ("%USERPROFILE%\scoop\apps\*") do if not defined JDK call :try "%%~D\current"
if not defined JDK (
    echo kawi: no JDK %OLDEST_JDK% or newer in JAVA_HOME, PATH or the usual installation directories; install one from https://adoptium.net or set JAVA_HOME 1>&2
    exit /b 1
)
if not "%~1"=="--print-jdk" goto build_if_needed
echo %JDK%
exit /b 0

rem ---- the build

:build_if_needed
call :is_built
if not errorlevel 1 goto run
if not exist "%OUT%\" mkdir "%OUT%"
if not exist "%OUT%\" exit /b 1

rem The lock is a file kept open while building: Windows refuses to delete it until its owner has closed it or died.
set "TOLD="
:take_lock
del "%LOCK%" >nul 2>nul
if exist "%LOCK%" goto wait
set "LOCKED="
call :build 9>"%LOCK%"
if defined LOCKED goto built
:wait
if not defined TOLD echo kawi: waiting for another process to finish building 1>&2
set "TOLD=yes"
ping -n 2 127.0.0.1 >nul
goto take_lock

:built
if errorlevel 1 exit /b 1
call :is_built
if not errorlevel 1 goto run
echo kawi: the build left no kawi-cli jar in %CLI%; the output of Maven is in %LOG% 1>&2
exit /b 1

rem ---- the program

:run
rem The serial collector starts fastest, and Kawi's large data is not on the Java heap.
set "COLLECTOR=-XX:+UseSerialGC -Xmn24m"
set "GIVEN= %KAWI_JAVA_OPTIONS% %JDK_JAVA_OPTIONS% %JAVA_TOOL_OPTIONS%"
set "GIVEN=%GIVEN:"=%"
if not "%GIVEN:GC=%"=="%GIVEN%" set "COLLECTOR="
set "MODULES=--enable-native-access=ALL-UNNAMED"
rem x86-64 and ARM64 have machine code of their own; the module is added at :start if its tier is selected.
set "ASSEMBLED="
for %%A in (AMD64 ARM64) do if /i "%PROCESSOR_ARCHITECTURE%"=="%%A" set "ASSEMBLED=yes"
if not defined ASSEMBLED set "MODULES=--add-modules jdk.incubator.vector %MODULES%"
rem The optimizing compiler begins ten times later than by default: at startup it takes a fourth of all processor time,
rem for methods that are then hardly used. Kernels in machine code do not need it.
set "COMPILER=-XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000"
set "COMPILER=%COMPILER% -XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000"
if not defined ASSEMBLED set "COMPILER="
if not "%GIVEN:Tier=%"=="%GIVEN%" set "COMPILER="
if not "%GIVEN:CompileThreshold=%"=="%GIVEN%" set "COMPILER="
set "AOT="
if not "%GIVEN:AOT=%"=="%GIVEN%" goto start
if not "%GIVEN:-Xshare=%"=="%GIVEN%" goto start
call :train
if exist "%CACHE%" set AOT="-XX:AOTCache=%CACHE%" "-Xlog:aot*=off,cds*=off"
:start
rem The module for the vector kernels, if they are selected. The cache does not contain it, because the usual start does
rem not use it.
set "VECTOR="
call :look_for_vector %*
echo "%GIVEN%" | findstr /i /l /c:"-Dkawi.kernels=vector" >nul && set "VECTOR=--add-modules jdk.incubator.vector"
if defined VECTOR set "COMPILER="
"%JDK%\bin\java.exe" %MODULES% %VECTOR% %COLLECTOR% %COMPILER% %AOT% %KAWI_JAVA_OPTIONS% -cp "%JAR%" kawi.cli.Kawi %*
exit /b %ERRORLEVEL%

rem ---- subroutines

rem Sets VECTOR if the arguments have --kernels vector; an equals sign separates arguments as a blank does.
:look_for_vector
if [%1]==[] exit /b 0
if /i "%~1"=="--kernels" if /i "%~2"=="vector" set "VECTOR=--add-modules jdk.incubator.vector"
shift
goto look_for_vector

rem Creates the cache, if possible, once for a build and a JDK. If two processes do so at the same time, each creates its
rem own file and moves it into place.
:train
set "TRAINED_WITH="
if exist "%TRAINED%" set /p TRAINED_WITH=<"%TRAINED%"
if "%TRAINED_WITH%"=="%JDK%" exit /b 0
echo kawi: creating a cache for faster start-up 1>&2
set "FRESH=%OUT%\kawi-%RANDOM%%RANDOM%.aot"
"%JDK%\bin\java.exe" %MODULES% %COLLECTOR% "-XX:AOTCacheOutput=%FRESH%" -cp "%JAR%" kawi.cli.TrainingRun <nul >"%OUT%\kawi-training.log" 2>&1
del "%CACHE%" >nul 2>nul
if exist "%FRESH%" move /y "%FRESH%" "%CACHE%" >nul 2>nul
del "%FRESH%" "%FRESH%.config" >nul 2>nul
>"%TRAINED%" echo %JDK%
exit /b 0

rem Sets JDK to folder %1 if a JDK that is new enough is in it.
:try
if "%~1"=="" exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
set "FEATURE=0"
for /f "usebackq tokens=1,2 delims==.-+" %%A in ("%~1\release") do if "%%A"=="JAVA_VERSION" set FEATURE=%%B
set FEATURE=%FEATURE:"=%
if %FEATURE% geq %OLDEST_JDK% set "JDK=%~f1"
exit /b 0

rem Sets JAR and succeeds if the last build is complete and its sources have not changed since.
:is_built
if not exist "%STAMP%" exit /b 1
set "JAR="
for %%J in ("%CLI%\kawi-cli-*.jar") do set "JAR=%%~fJ"
if not defined JAR exit /b 1
robocopy "%ROOT%." "%BUILT_FROM%" /mir /l %NOT_SOURCES% >nul
if errorlevel 1 exit /b 1
exit /b 0

rem Builds, unless another process has done so while this one waited. Sets LOCKED to show that it was reached.
:build
set "LOCKED=yes"
call :is_built
if not errorlevel 1 exit /b 0
where mvn >nul 2>nul
if errorlevel 1 (
    echo kawi: Maven is required to build Kawi on first use: install it from https://maven.apache.org and add mvn to the PATH 1>&2
    exit /b 1
)
echo kawi: first use or changed sources, building with Maven on %JDK% 1>&2

rem Classes from an interrupted build may be incomplete.
if exist "%BEGUN%" for /d %%M in ("%ROOT%*" "%ROOT%examples\*") do rd /s /q "%%~M\target\classes" 2>nul
del /q "%STAMP%" "%TRAINED%" "%CACHE%" "%CLI%\kawi-cli-*.jar" >nul 2>nul
rd /s /q "%CLI%\lib" 2>nul
type nul >"%BEGUN%"
robocopy "%ROOT%." "%BUILT_FROM%" /mir /r:0 %NOT_SOURCES% >nul

pushd "%ROOT%."
set "JAVA_HOME=%JDK%"
powershell -NoProfile -Command "mvn -B '-Dstyle.color=never' -pl examples/cli -am '-Dmaven.test.skip=true' '-Dspotless.check.skip=true' '-Dmaven.compiler.failOnWarning=false' package | Tee-Object -FilePath $env:LOG | ForEach-Object { if ($_ -match '^\[INFO\] Building (.+) \S+ +(\[\d+/\d+\])') { [Console]::Error.WriteLine('kawi: building ' + $Matches[2] + ' ' + $Matches[1]) } elseif ($_ -match '^\[ERROR\]') { [Console]::Error.WriteLine($_) } }; exit $LASTEXITCODE" <nul
if errorlevel 1 goto build_failed
popd
move /y "%BEGUN%" "%STAMP%" >nul
exit /b 0

:build_failed
popd
del /q "%BEGUN%" >nul 2>nul
echo kawi: the build failed; the output of Maven is in %LOG% 1>&2
exit /b 1
