using System.CommandLine;
using Runtime.Hardening.Cli.Commands;

RootCommand root = new("Authoring and node tool of Runtime.Hardening");
EngineCommands.Add(root);
return root.Parse(args).Invoke();
